/** What the screens see: the phone's database held in memory, shallow, with this phone's own work laid over it. */
import { shallowRef, type ShallowRef } from 'vue'
import { overlayRow } from '@/core/overlayRow'
import type { Me, News, Notice, OutboxItem, Policy, RowView, Ticket, Unit, UploadRow } from '@/core/types'
import { asked, currentPerson, reading, type CommandRow, type StoredUpload } from '@/platform/disk'
import { forgetWords, rowOf } from './rows'

export interface Change {
  commands?: boolean
  uploads?: boolean
  tickets?: string[] | 'all'
  base?: boolean
  /** Another tab added work: whoever holds the send lock looks again. */
  kick?: boolean
}

const RECENT = 50

export const views: ShallowRef<RowView[]> = shallowRef([])
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

/** As the server said them; the views add what this phone did since. */
const tickets = new Map<string, RowView>()
/** Tickets that a screen has opened, whole; the rows of the list are slim. */
const details = new Map<string, ShallowRef<Ticket | null>>()
const travelled = new Map<string, number>()
let rows: CommandRow[] = []
let uploadRows: StoredUpload[] = []
let inFlight = new Set<string>()
let channel: BroadcastChannel | null = null
const NONE: ReadonlySet<string> = new Set()

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

function showTickets(): void {
  const mine = new Map<string, OutboxItem[]>()
  for (const item of items.value) {
    const id = item.command.ticket_id
    if (id === null || item.state === 'delivered') continue
    const list = mine.get(id)
    if (list) list.push(item)
    else mine.set(id, [item])
  }
  views.value = Array.from(tickets.values(), (row) => {
    const own = mine.get(row.id)
    return own ? overlayRow(row, own, policyOf(row)) : row
  })
}

function newest(index: IDBIndex): Promise<CommandRow[]> {
  const found: CommandRow[] = []
  const request = index.openCursor('delivered', 'prev')
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error as Error)
    request.onsuccess = () => {
      const cursor = request.result
      if (!cursor || found.length === RECENT) return resolve(found)
      found.push(cursor.value as CommandRow)
      cursor.continue()
    }
  })
}

async function readCommands(): Promise<void> {
  const index = (await reading('commands')).objectStore('commands').index('state')
  const found = await Promise.all([asked<CommandRow[]>(index.getAll('waiting')), asked<CommandRow[]>(index.getAll('refused')), newest(index)])
  rows = found.flat().sort((a, b) => a.seq! - b.seq!)
  showItems()
}

async function readUploads(): Promise<void> {
  uploadRows = await asked((await reading('uploads')).objectStore('uploads').getAll())
  showUploads()
}

/** `known`: tickets whose rows were just taken from the server's answer and need no reading. */
async function readTickets(which: string[] | 'all', known: ReadonlySet<string>): Promise<void> {
  const store = (await reading('tickets')).objectStore('tickets')
  if (which === 'all') {
    const all = await asked<Ticket[]>(store.getAll())
    tickets.clear()
    for (const ticket of all) tickets.set(ticket.id, rowOf(ticket))
  } else {
    await Promise.all(which.filter((id) => !known.has(id)).map(async (id) => {
      const ticket = await asked<Ticket | undefined>(store.get(id))
      if (ticket) tickets.set(id, rowOf(ticket))
      else tickets.delete(id)
    }))
  }
  await Promise.all((which === 'all' ? Array.from(details.keys()) : which.filter((id) => details.has(id))).map(readDetail))
}

async function readDetail(id: string): Promise<void> {
  const tx = await reading('tickets', 'details')
  const [ticket, row] = await Promise.all([
    asked<Ticket | undefined>(tx.objectStore('tickets').get(id)), asked<Pick<Ticket, 'detail'> | undefined>(tx.objectStore('details').get(id)),
  ])
  details.get(id)!.value = ticket ? { ...ticket, detail: row?.detail ?? null } : null
}

async function readBase(): Promise<void> {
  const tx = await reading('inbox', 'units', 'policies', 'meta')
  const every = <T>(name: string) => asked<T[]>(tx.objectStore(name).getAll())
  const [n, u, p, m, cookie] = await Promise.all([
    every<Notice>('inbox'), every<Unit>('units'), every<Policy>('policies'),
    asked<Me | undefined>(tx.objectStore('meta').get('me')), asked<unknown>(tx.objectStore('meta').get('cookie')),
  ])
  notices.value = n.sort((a, b) => (a.at < b.at ? 1 : -1))
  units.value = u
  policies.value = p
  if (m) me.value = m
  filled.value = cookie !== undefined
}

/** Reads again what changed on disk, here. */
async function reflect(change: Change, known: ReadonlySet<string> = NONE): Promise<void> {
  await Promise.all([
    change.base && readBase(), change.commands && readCommands(), change.uploads && readUploads(), change.tickets && readTickets(change.tickets, known),
  ])
  if (change.commands || change.tickets || change.base) showTickets()
}

/** Disk changed: this tab and the others read it again. `written`: tickets that this tab need not read, since it just wrote them. */
export async function changed(change: Change, written: Ticket[] = []): Promise<void> {
  channel?.postMessage(change)
  for (const ticket of written) tickets.set(ticket.id, rowOf(ticket))
  await reflect(change, new Set(written.map((ticket) => ticket.id)))
}

/**
 * Shows the server's answer before it is on disk, on a phone that holds no tickets which it could contradict. This phone's unsent work
 * lies over it as always; when the disk then refuses the answer, the writer reports that.
 */
export function preview(news: News): void {
  if (filled.value || tickets.size > 0) return
  for (const ticket of news.tickets) tickets.set(ticket.id, rowOf(ticket))
  policies.value = news.policies
  notices.value = news.inbox
  me.value = news.me ?? me.value
  filled.value = true
  showTickets()
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
  forgetWords()
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
    held = shallowRef(null)
    details.set(id, held)
    void readDetail(id).catch(() => undefined)
  }
  return held
}

export const uploadRow = (id: string): StoredUpload | undefined => uploadRows.find((row) => row.evidence_id === id)
