/** What the server says about tickets, written beside what the phone holds. Runs inside the caller's transaction. */
import { isClosed, isRejected, isSafe, isWithdrawn } from '@/core/lifecycle'
import type { Evidence, Ticket } from '@/core/types'
import type { StoredUpload, Write } from '@/platform/db'

export const SNAPSHOT_STORES = ['tickets', 'details', 'uploads', 'blobs'] as const
/** Each row is copied as it is handed over: so many that a finger on the list is not kept waiting. */
const AT_ONCE = 20
type SnapshotTx = Write<(typeof SNAPSHOT_STORES)[number] | 'commands' | 'meta'>

/**
 * Keeps the newer of each ticket. A row of an older generation is always replaced: after a restored backup versions run again
 * from a lower number. Returns those that were written.
 */
export async function putTickets(tx: SnapshotTx, tickets: Ticket[], gen: number): Promise<Ticket[]> {
  if (tickets.length === 0) return []
  const mine = new Set(await tx.objectStore('uploads').getAllKeys())
  // All are asked for before the first is awaited: on a phone each answer waited for alone costs a millisecond.
  const held = await Promise.all(tickets.map((ticket) => tx.objectStore('tickets').get(ticket.id)))
  const newer = tickets.filter((ticket, at) => !(held[at]?.gen === gen && held[at].version > ticket.version))
  for (let at = 0; at < newer.length; at += AT_ONCE) {
    await Promise.all(newer.slice(at, at + AT_ONCE).flatMap(({ detail, ...row }) => [
      tx.objectStore('tickets').put({ ...row, detail: null, gen }),
      ...(detail ? [tx.objectStore('details').put({ id: row.id, version: row.version, detail })] : []),
    ]))
  }
  for (const ticket of newer) {
    for (const evidence of ticket.detail?.evidence ?? []) if (mine.has(evidence.id)) await noteFate(tx, evidence, isClosed(ticket))
  }
  return newer
}

async function noteFate(tx: SnapshotTx, evidence: Evidence, closed: boolean): Promise<void> {
  const uploads = tx.objectStore('uploads')
  const row = await uploads.get(evidence.id)
  if (!row) return
  const over = isSafe(evidence.state) || isWithdrawn(evidence.state)
  const next: StoredUpload = { ...row }
  if (over) Object.assign(next, { state: 'sent', sent: row.size, confirmed: true, cause: null, url: null })
  else if (isRejected(evidence.state)) Object.assign(next, { state: 'refused', cause: 'evidence_rejected', message: evidence.reason })
  if (over && closed && row.held) {
    // The last copy leaves the phone only here: the server has it and the case is over.
    next.held = false
    await dropBytes(tx, row.evidence_id)
  }
  if (JSON.stringify(next) !== JSON.stringify(row)) await uploads.put(next)
}

async function dropBytes(tx: Pick<SnapshotTx, 'objectStore'>, id: string): Promise<void> {
  const blob = await tx.objectStore('blobs').get(id)
  if (blob) await tx.objectStore('blobs').put({ ...blob, bytes: null })
}
