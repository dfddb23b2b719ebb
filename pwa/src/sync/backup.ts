/** A copy of everything that only this phone has, for the day it cannot be sent. */
import { db } from '@/platform/db'
import { serverNow } from '@/platform/clock'

const PIECE = 0x6000

function base64(bytes: ArrayBuffer): string {
  const all = new Uint8Array(bytes)
  let text = ''
  // In pieces divisible by three: one call with millions of arguments overflows the stack.
  for (let at = 0; at < all.length; at += PIECE) text += btoa(String.fromCharCode(...all.subarray(at, at + PIECE)))
  return text
}

/**
 * Unsent and refused commands, drafts, and the originals the server has not confirmed, as one JSON file. Bytes are written as
 * separate pieces of the Blob, one original in memory at a time.
 */
export async function exportBackup(): Promise<Blob> {
  const store = await db()
  const [waiting, refused, drafts, uploads, me] = await Promise.all([
    store.getAllFromIndex('commands', 'state', 'waiting'), store.getAllFromIndex('commands', 'state', 'refused'),
    store.getAll('drafts'), store.getAll('uploads'), store.get('meta', 'me'),
  ])
  const head = { format: 'doorstep-backup-1', made_at: new Date(serverNow()).toISOString(), person: me, commands: [...waiting, ...refused], drafts }
  const pieces: BlobPart[] = [JSON.stringify(head, null, 1).slice(0, -2), ',\n"evidence":[']
  let first = true
  for (const { confirmed, ...row } of uploads) {
    if (confirmed || !row.held) continue
    const bytes = (await store.get('blobs', row.evidence_id))?.bytes
    if (!bytes) continue
    pieces.push(first ? '\n' : ',\n', new Blob([JSON.stringify(row).slice(0, -1), ',"base64":"', base64(bytes), '"}']))
    first = false
  }
  pieces.push('\n]}\n')
  return new Blob(pieces, { type: 'application/json' })
}
