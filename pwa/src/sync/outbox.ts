/** Every piece of work enters here, and is on disk before anybody is told that it was done. */
import { buildCommand, newId } from '@/core/command'
import { MINE } from '@/core/overlay'
import type { Command, EvidenceMeta, EvidenceView, OutboxItem } from '@/core/types'
import { beacon, serverNow } from '@/platform/clock'
import { sha256 } from '@/platform/crypto'
import { write, type CommandRow, type StoredUpload, type Write } from '@/platform/db'
import { changed } from './board'
import { addCommand } from './queue'
import { withRoom } from './room'
import { kick } from './triggers'

const make = (name: string, ticketId: string | null, args: Record<string, unknown>): Command =>
  buildCommand(name, ticketId, args, { now: serverNow(), beacon: beacon() })

/** More than any text takes. */
const ROOM = 1_000_000
const asItem = (row: CommandRow): OutboxItem => ({ ...row, seq: row.seq! })

async function supersede(tx: Write<'commands' | 'tickets'>, command: Command): Promise<void> {
  const index = tx.objectStore('commands').index('ticket')
  for (let cursor = await index.openCursor(command.ticket_id ?? ''); cursor; cursor = await cursor.continue()) {
    const { state, attempts, command: old } = cursor.value
    // Only one that never left the phone: the newer draft holds everything the older one held.
    if (old.name === command.name && state === 'waiting' && attempts === 0) await cursor.delete()
  }
}

/**
 * Durable when it resolves; then sent when the network allows. `supersedes`: replaces an earlier command of the same name for the
 * ticket that was never tried. Raises StorageFull when the phone cannot keep it: nothing was done then.
 */
export async function act(name: string, ticketId: string | null, args: Record<string, unknown>, opts: { supersedes?: boolean } = {}): Promise<OutboxItem> {
  const command = make(name, ticketId, args)
  const row = await withRoom(ROOM, () => write(['commands', 'tickets'], async (tx) => {
    if (opts.supersedes) await supersede(tx, command)
    return addCommand(tx, command)
  }))
  await changed({ commands: true, kick: true })
  kick('enqueue')
  return asItem(row)
}

function uploadFor(evidenceId: string, ticketId: string, hash: string, bytes: ArrayBuffer, meta: EvidenceMeta, command: Command): StoredUpload {
  return {
    evidence_id: evidenceId, ticket_id: ticketId, sha256: hash, size: bytes.byteLength, media_type: meta.media_type, kind: meta.kind,
    phase: meta.phase, created_at: command.captured_at, state: 'waiting', sent: 0, url: null, attempts: 0, not_before: 0, cause: null,
    message: null, held: true, declare_id: command.id, confirmed: false,
  }
}

const keep = (command: Command, upload: StoredUpload, bytes: ArrayBuffer, thumb: ArrayBuffer | undefined): Promise<void> =>
  withRoom(bytes.byteLength * 2, () => write(['commands', 'tickets', 'uploads', 'blobs'], async (tx) => {
    await tx.objectStore('blobs').put({ id: upload.evidence_id, bytes, thumb: thumb ?? null })
    await tx.objectStore('uploads').put(upload)
    await addCommand(tx as never, command)
  }))

/**
 * Hash of the original first, then bytes and declaration in one strict transaction; the upload follows by itself once the
 * declaration was accepted. Raises StorageFull, or Problem `insecure_context`.
 */
export async function declareEvidence(ticketId: string, bytes: ArrayBuffer, meta: EvidenceMeta): Promise<EvidenceView> {
  const hash = await sha256(bytes)
  const evidenceId = newId(serverNow())
  const { thumb, ...told } = meta
  const args = { ...told, evidence_id: evidenceId, sha256: hash, size: bytes.byteLength, captured_at: meta.captured_at ?? new Date(serverNow()).toISOString() }
  const command = make('evidence.declare', ticketId, args)
  const upload = uploadFor(evidenceId, ticketId, hash, bytes, meta, command)
  await keep(command, upload, bytes, thumb)
  await changed({ commands: true, uploads: true, kick: true })
  kick('enqueue')
  return {
    id: evidenceId, kind: meta.kind, phase: meta.phase, sha256: hash, size: bytes.byteLength, media_type: meta.media_type,
    captured_at: args.captured_at, source: meta.source, position: meta.position ?? null, duration_s: meta.duration_s ?? null,
    note: meta.note ?? null, state: 'declared', received_bytes: 0, reason: null, has_display: false, has_thumb: false, has_audio: false, peaks: null,
    by: MINE, declared_at: command.captured_at, received_at: null, width: null, height: null, ours: true, pending: true, local: true,
    progress: null, upload: 'waiting', cause: null,
  }
}

/** Keeps a small preview made on the phone for evidence that is already declared. */
export async function putThumb(evidenceId: string, bytes: ArrayBuffer): Promise<void> {
  await write(['blobs'], async (tx) => {
    const held = await tx.objectStore('blobs').get(evidenceId)
    await tx.objectStore('blobs').put({ id: evidenceId, bytes: held?.bytes ?? null, thumb: bytes })
  }, 'relaxed')
}

/** The person looked at a refused command and lets go of it; evidence it declared goes with it. */
export async function discardRefused(id: string): Promise<void> {
  await write(['commands', 'uploads', 'blobs'], async (tx) => {
    const row = await tx.objectStore('commands').index('id').get(id)
    if (!row || row.state !== 'refused') return
    await tx.objectStore('commands').delete(row.seq!)
    const evidence = row.command.name === 'evidence.declare' ? row.command.args.evidence_id as string : null
    if (evidence === null) return
    await tx.objectStore('uploads').delete(evidence)
    await tx.objectStore('blobs').delete(evidence)
  })
  await changed({ commands: true, uploads: true })
}

/** An upload the server cannot use; its bytes leave this phone with the row. */
export async function discardUpload(evidenceId: string): Promise<void> {
  await write(['uploads', 'blobs'], async (tx) => {
    const row = await tx.objectStore('uploads').get(evidenceId)
    if (row?.state !== 'refused') return
    await tx.objectStore('uploads').delete(evidenceId)
    await tx.objectStore('blobs').delete(evidenceId)
  })
  await changed({ uploads: true })
}

/**
 * Once more. A waiting one goes at once; a refused one goes again under a new id and the present time, because the refusal of the
 * old id is final.
 */
export async function retry(id: string): Promise<void> {
  await write(['commands', 'tickets', 'uploads'], async (tx) => {
    const row = await tx.objectStore('commands').index('id').get(id)
    if (!row) return
    if (row.state === 'waiting') await tx.objectStore('commands').put({ ...row, not_before: 0, cause: null })
    if (row.state !== 'refused') return
    const command = make(row.command.name, row.command.ticket_id, row.command.args)
    // What was sealed then was not sealed now: it keeps the beacon that the phone held.
    if (command.name === 'evidence.declare') command.beacon = row.command.beacon
    await tx.objectStore('commands').delete(row.seq!)
    const fresh = await addCommand(tx as never, command)
    if (fresh.about === null) await tx.objectStore('commands').put({ ...fresh, about: row.about })
    await reattach(tx as never, row.command, command.id)
  })
  await changed({ commands: true, uploads: true, kick: true })
  kick('user')
}

async function reattach(tx: Write<'uploads'>, old: Command, declareId: string): Promise<void> {
  if (old.name !== 'evidence.declare') return
  const upload = await tx.objectStore('uploads').get(old.args.evidence_id as string)
  if (upload) await tx.objectStore('uploads').put({ ...upload, declare_id: declareId, state: 'waiting', cause: null, message: null, not_before: 0 })
}

/** Once more from the first byte. */
export async function retryUpload(evidenceId: string): Promise<void> {
  await write(['uploads'], async (tx) => {
    const row = await tx.objectStore('uploads').get(evidenceId)
    if (row?.held) await tx.objectStore('uploads').put({ ...row, state: 'waiting', cause: null, message: null, not_before: 0, attempts: 0, sent: 0, url: null })
  })
  await changed({ uploads: true })
  kick('user')
}
