/** What the screens see: the phone's database held in memory, shallow, with this phone's own work laid over it. */
import { shallowRef, type ShallowRef } from 'vue'
import { nextClock } from '@/core/countdown'
import { overlayRow } from '@/core/overlayRow'
import type { Me, Notice, OutboxItem, Policy, Ticket, TicketView, Unit, UploadRow } from '@/core/types'
import { currentPerson, db, type CommandRow, type Kept, type StoredUpload } from '@/platform/db'

export interface Change {
  commands?: boolean
  uploads?: boolean
  tickets?: string[] | 'all'
  base?: boolean
  /** Another tab added work: whoever holds the send lock looks again. */
  kick?: boolean
}

const RECENT = 50

export const views: ShallowRef<TicketView[]> = shallowRef([])
export const items: ShallowRef<OutboxItem[]> = shallowRef([])
export const uploads: ShallowRef<UploadRow[]> = shallowRef([])
export const notices: ShallowRef<Notice[]> = shallowRef([])
export const units: ShallowRef<Unit[]> = shallowRef([])
export const policies: ShallowRef<Policy[]> = shallowRef([])
export const me: ShallowRef<Me | null> = shallowRef(null)
/** Why the queue stands still, as a cause code. */
export const stalled = shallowRef<string | null>(null)
/** Whether a first answer of the server (or an earlier visit) has filled the list at all. */
export const filled = shallowRef(false)

const tickets = new Map<string, Ticket>()
/** Tickets that a screen has opened, whole; the rows of the list are slim. */
const details = new Map<string, ShallowRef<Ticket | null>>()
const travelled = new Map<string, number>()
let rows: CommandRow[] = []
let uploadRows: StoredUpload[] = []
let inFlight = new Set<string>()
let channel: BroadcastChannel | null = null

function toItem(row: CommandRow): OutboxItem {
  const sending = row.state === 'waiting' && inFlight.has(row.id)
  const cause = row.cause ?? (row.state === 'waiting' ? stalled.value : null)
  return { ...row, seq: row.seq!, state: sending ? 'sending' : row.state, cause }
}

function showItems(): void {
  items.value = rows.map(toItem)
}
function showUploads(): void {
  uploads.value = uploadRows.map((row) => {
    const sent = travelled.get(row.evidence_id)
    return sent === undefined ? row : { ...row, sent, state: row.state === 'waiting' ? 'uploading' : row.state }
  })
}

/** The policy a ticket was dispatched under; without a ticket, the newest of the person's own jurisdiction. */
export function policyOf(ticket?: Pick<Ticket, 'policy_id'>): Policy | undefined {
  const pinned = ticket && policies.value.find((p) => p.id === ticket.policy_id)
  if (pinned) return pinned
  const home = me.value?.jurisdiction.id
  const fitting = policies.value.filter((p) => p.jurisdiction === home)
  return fitting[fitting.length - 1] ?? policies.value[policies.value.length - 1]
}

function view(ticket: Ticket, mine: Map<string, OutboxItem[]>): TicketView {
  const own = mine.get(ticket.id)
  if (own) return overlayRow(ticket, own, policyOf(ticket))
  // Thousands of rows have no work of this phone on them: they become their own view instead of a copy.
  return Object.assign(ticket as unknown as TicketView, { pending: NONE, refused: NONE, server_state: ticket.state, state_is_local: false })
}
const NONE: OutboxItem[] = []

function showTickets(): void {
  const mine = new Map<string, OutboxItem[]>()
  for (const item of items.value) {
    const id = item.command.ticket_id
    if (id === null || item.state === 'delivered') continue
    const list = mine.get(id)
    if (list) list.push(item)
    else mine.set(id, [item])
  }
  views.value = Array.from(tickets.values(), (ticket) => view(ticket, mine))
}

async function readCommands(): Promise<void> {
  const index = (await db()).transaction('commands').store.index('state')
  const open = await Promise.all([index.getAll('waiting'), index.getAll('refused')])
  const recent: CommandRow[] = []
  for (let cursor = await index.openCursor('delivered', 'prev'); cursor && recent.length < RECENT; cursor = await cursor.continue()) recent.push(cursor.value)
  rows = [...open.flat(), ...recent].sort((a, b) => a.seq! - b.seq!)
  showItems()
}

async function readUploads(): Promise<void> {
  uploadRows = await (await db()).getAll('uploads')
  showUploads()
}

const words = new Map<string, unknown>()

/** The same unit, source or label stands on thousands of rows: they share one copy. */
function shared<T>(value: T): T {
  if (value === null || value === '') return value
  const key = typeof value === 'string' ? value : JSON.stringify(value)
  const held = words.get(key)
  if (held !== undefined) return held as T
  words.set(key, value)
  return value
}

/**
 * What a row shows. Five thousand tickets with all their clocks and derivations cost three times the memory; who opens one gets it
 * whole from disk.
 */
function slim(ticket: Kept<Ticket>): Ticket {
  const next = nextClock(ticket.clocks)
  return {
    ...ticket,
    policy_id: shared(ticket.policy_id), state: shared(ticket.state), priority: shared(ticket.priority), kind: shared(ticket.kind),
    source: shared(ticket.source), unit: shared(ticket.unit), handler: shared(ticket.handler), holder: null, area: shared(ticket.area),
    open_requests: ticket.open_requests.length > 0 ? ticket.open_requests : NO_REQUESTS,
    clocks: next ? [{ ...next, clock: shared(next.clock), label: shared(next.label), kind: shared(next.kind), derivation: '', cite: shared(next.cite) }] : NO_CLOCKS,
  }
}
const NO_CLOCKS: Ticket['clocks'] = []
const NO_REQUESTS: string[] = []

async function readTickets(which: string[] | 'all'): Promise<void> {
  const store = await db()
  if (which === 'all') {
    const all = await store.getAll('tickets')
    tickets.clear()
    for (const ticket of all) tickets.set(ticket.id, slim(ticket))
    await Promise.all(Array.from(details.keys(), readDetail))
    return
  }
  for (const id of which) {
    const ticket = await store.get('tickets', id)
    if (ticket) tickets.set(id, slim(ticket))
    else tickets.delete(id)
    if (details.has(id)) await readDetail(id)
  }
}

async function readDetail(id: string): Promise<void> {
  const store = await db()
  const [ticket, row] = await Promise.all([store.get('tickets', id), store.get('details', id)])
  details.get(id)!.value = ticket ? { ...ticket, detail: row?.detail ?? null } : null
}

async function readBase(): Promise<void> {
  const tx = (await db()).transaction(['inbox', 'units', 'policies', 'meta'])
  const [n, u, p, m, cookie] = await Promise.all([
    tx.objectStore('inbox').getAll(), tx.objectStore('units').getAll(), tx.objectStore('policies').getAll(),
    tx.objectStore('meta').get('me'), tx.objectStore('meta').get('cookie'),
  ])
  notices.value = n.sort((a, b) => (a.at < b.at ? 1 : -1))
  units.value = u
  policies.value = p
  if (m) me.value = m as Me
  filled.value = cookie !== undefined
}

/** Reads again what changed on disk, here. */
async function reflect(change: Change): Promise<void> {
  await Promise.all([
    change.base && readBase(), change.commands && readCommands(), change.uploads && readUploads(), change.tickets && readTickets(change.tickets),
  ])
  if (change.commands || change.tickets || change.base) showTickets()
}

/** Disk changed: this tab and the others read it again. */
export async function changed(change: Change): Promise<void> {
  channel?.postMessage(change)
  await reflect(change)
}

/** Everything from disk; `onKick` is told when another tab added work. */
export async function loadBoard(onKick: () => void): Promise<void> {
  channel?.close()
  channel = null
  if (typeof BroadcastChannel !== 'undefined') {
    channel = new BroadcastChannel(`doorstep.${currentPerson()}`)
    channel.onmessage = (event: MessageEvent<Change>) => {
      void reflect(event.data).catch(() => undefined)
      if (event.data.kick) onKick()
    }
  }
  await reflect({ commands: true, uploads: true, tickets: 'all', base: true })
}

export function clearBoard(): void {
  channel?.close()
  channel = null
  tickets.clear()
  details.clear()
  travelled.clear()
  words.clear()
  rows = []
  uploadRows = []
  inFlight = new Set()
  me.value = null
  notices.value = []
  units.value = []
  policies.value = []
  filled.value = false
  stalled.value = null
  showItems()
  showUploads()
  showTickets()
}

export function setInFlight(ids: string[]): void {
  inFlight = new Set(ids)
  showItems()
}

export function setStall(cause: string | null): void {
  if (stalled.value === cause) return
  stalled.value = cause
  showItems()
}

/** Bytes that have left so far; null when this upload is no longer under way. */
export function setTravelled(evidenceId: string, sent: number | null): void {
  if (sent === null) travelled.delete(evidenceId)
  else travelled.set(evidenceId, sent)
  showUploads()
}

/** One ticket whole; null until it was read from disk (or when the phone does not have it). */
export function wholeTicket(id: string): ShallowRef<Ticket | null> {
  let held = details.get(id)
  if (!held) {
    held = shallowRef(tickets.get(id) ?? null)
    details.set(id, held)
    void readDetail(id).catch(() => undefined)
  }
  return held
}

export const uploadRow = (id: string): StoredUpload | undefined => uploadRows.find((row) => row.evidence_id === id)
