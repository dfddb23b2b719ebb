/** The outbox on disk: what is next, what came back. Every function is one transaction. */
import type { Command, CommandsAnswer, Receipt } from '@/core/types'
import { db, getMeta, write, type CommandRow, type StoreNames, type Write } from '@/platform/db'
import { hearBeacon } from '@/platform/clock'
import { withRoom } from './room'
import { putTickets } from './snapshots'

export const MAX_COMMANDS = 20
const MAX_BYTES = 256 * 1024
const ROOM = 4_000_000
const KEEP_DELIVERED = 30 * 24 * 3_600_000

const bytesOf = (command: Command) => new TextEncoder().encode(JSON.stringify(command)).length

/** A new row, with the ticket's number and title so that it stays readable when the ticket is gone. */
export async function addCommand(tx: Write<'commands' | 'tickets'>, command: Command): Promise<CommandRow> {
  const ticket = command.ticket_id === null ? undefined : await tx.objectStore('tickets').get(command.ticket_id)
  const row: CommandRow = {
    id: command.id, ticket_id: command.ticket_id ?? '', about: ticket ? `${ticket.number} ${ticket.title}` : null, command,
    state: 'waiting', attempts: 0, not_before: 0, cause: null, receipt: null, delivered_at: null,
  }
  return { ...row, seq: await tx.objectStore('commands').add(row) }
}

/**
 * Oldest first, at most `limit` commands and 256 KB. A command that must wait holds back the later ones of its own ticket, since
 * their order is the order of the work, but nobody else's.
 */
export async function nextBatch(limit: number, now: number): Promise<CommandRow[]> {
  const waiting = await (await db()).getAllFromIndex('commands', 'state', 'waiting')
  const held = new Set<string>()
  const batch: CommandRow[] = []
  let bytes = 0
  for (const row of waiting) {
    if (row.not_before > now || held.has(row.ticket_id)) {
      held.add(row.ticket_id)
      continue
    }
    bytes += bytesOf(row.command)
    if (batch.length > 0 && bytes > MAX_BYTES) break
    batch.push(row)
    if (batch.length === limit) break
  }
  return batch
}

/** Noted before the bytes leave, so that nothing that may be on its way is taken back or replaced. */
export function markTried(ids: string[]): Promise<void> {
  return eachRow(ids, (row) => ({ ...row, attempts: row.attempts + 1 }))
}

/** Set aside with the reason; content and order stay, the person decides. */
export function quarantine(ids: string[], code: string): Promise<void> {
  return eachRow(ids, (row) => ({ ...row, state: 'refused', cause: code }))
}

export function defer(ids: string[], until: number, cause: string): Promise<void> {
  return eachRow(ids, (row) => ({ ...row, not_before: until, cause }))
}

async function eachRow(ids: string[], change: (row: CommandRow) => CommandRow): Promise<void> {
  await write(['commands'], async (tx) => {
    for (const id of ids) await updateById(tx, id, change)
  })
}

async function updateById<S extends StoreNames>(tx: Write<S | 'commands'>, id: string, change: (row: CommandRow) => CommandRow): Promise<void> {
  const store = tx.objectStore('commands')
  const row = await store.index('id').get(id)
  if (row) await store.put(change(row))
}

function settled(row: CommandRow, receipt: Receipt): CommandRow {
  const applied = receipt.status === 'applied'
  return { ...row, state: applied ? 'delivered' : 'refused', cause: null, receipt, delivered_at: applied ? Date.now() : null }
}

/** Receipts and the tickets they produced, in one transaction: the screen never shows one without the other. */
export async function settle(answer: CommandsAnswer): Promise<void> {
  const heard = hearBeacon(answer.beacon)
  await withRoom(ROOM, () => write(['commands', 'tickets', 'details', 'uploads', 'blobs', 'meta'], async (tx) => {
    for (const receipt of answer.receipts) await updateById(tx, receipt.id, (row) => settled(row, receipt))
    const gen = ((await tx.objectStore('meta').get('gen')) as number | undefined) ?? 0
    await putTickets(tx, answer.tickets, gen)
    if (heard) await tx.objectStore('meta').put(heard, 'clock')
  }))
}

/** A server with another memory (restored backup): offer everything kept again; its receipts make that harmless. */
export async function reoffer(tx: Write<'commands' | 'uploads' | 'meta'>): Promise<void> {
  for (let cursor = await tx.objectStore('commands').index('state').openCursor('delivered'); cursor; cursor = await cursor.continue()) {
    await cursor.update({ ...cursor.value, state: 'waiting', attempts: 1, not_before: 0 })
  }
  for (const row of await tx.objectStore('uploads').getAll()) {
    if (row.held && row.state !== 'refused') {
      await tx.objectStore('uploads').put({ ...row, state: 'waiting', sent: 0, url: null, confirmed: false, attempts: 0, not_before: 0 })
    }
  }
}

/** Delivered commands older than 30 days; nothing else ever leaves by age. */
export async function prune(now: number): Promise<void> {
  await write(['commands'], async (tx) => {
    for (let cursor = await tx.objectStore('commands').index('state').openCursor('delivered'); cursor; cursor = await cursor.continue()) {
      if ((cursor.value.delivered_at ?? now) < now - KEEP_DELIVERED) await cursor.delete()
    }
  }, 'relaxed')
}

export const heldEpoch = () => getMeta<string>('epoch')
