/**
 * The phone's database, one per person: another person's login on the same device opens another database and can neither see
 * nor send the former's work. Bytes are ArrayBuffers (WebKit loses Blobs and Files kept in IndexedDB). Opened and read here by hand,
 * since the first screen only reads; writing, and the library for it, comes with the engine (db.ts).
 */
import type { DBSchema, StoreNames } from 'idb'
import type { Command, Draft, Notice, OutboxState, Policy, Receipt, Ticket, TicketDetail, Unit, UploadRow } from '@/core/types'

export interface CommandRow {
  seq?: number
  id: string
  ticket_id: string
  /** Number and title of the ticket at the moment of the tap: readable even after the ticket left this phone. */
  about: string | null
  command: Command
  state: Exclude<OutboxState, 'sending'>
  attempts: number
  not_before: number
  cause: string | null
  receipt: Receipt | null
  delivered_at: number | null
}
/** `gen`: rows of an older generation go when the server says that everything was sent anew. */
export type Kept<T> = T & { gen: number }
export interface StoredUpload extends UploadRow { declare_id: string; confirmed: boolean }

export interface Schema extends DBSchema {
  commands: { key: number; value: CommandRow; indexes: { id: string; state: string; ticket: string } }
  tickets: { key: string; value: Kept<Ticket> }
  details: { key: string; value: { id: string; version: number; detail: TicketDetail } }
  inbox: { key: string; value: Kept<Notice> }
  policies: { key: string; value: Kept<Policy> }
  units: { key: string; value: Kept<Unit> }
  drafts: { key: string; value: Draft }
  uploads: { key: string; value: StoredUpload }
  blobs: { key: string; value: { id: string; bytes: ArrayBuffer | null; thumb: ArrayBuffer | null } }
  meta: { key: string; value: unknown }
}
/** The phone has no room: the caller must say so, since nothing was kept. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'
}

let person: string | null = null
let opened: Promise<IDBDatabase> | null = null

export const databaseName = (id: string) => `doorstep-${id}`

/** One answer of the database. */
export function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error as Error)
  })
}

function upgrade(db: IDBDatabase): void {
  const commands = db.createObjectStore('commands', { keyPath: 'seq', autoIncrement: true })
  commands.createIndex('id', 'id', { unique: true })
  commands.createIndex('state', 'state')
  commands.createIndex('ticket', 'ticket_id')
  for (const name of ['tickets', 'details', 'inbox', 'policies', 'units', 'blobs'] as const) db.createObjectStore(name, { keyPath: 'id' })
  db.createObjectStore('drafts', { keyPath: 'ticket_id' })
  db.createObjectStore('uploads', { keyPath: 'evidence_id' })
  db.createObjectStore('meta')
}

async function open(id: string): Promise<IDBDatabase> {
  const request = indexedDB.open(databaseName(id), 1)
  request.onupgradeneeded = () => upgrade(request.result)
  const database = await asked(request)
  // A newer version in another tab wants to upgrade: step aside, the next call opens again.
  database.onversionchange = () => { database.close(); opened = null }
  // WebKit closes databases under a sleeping page.
  database.onclose = () => { opened = null }
  return database
}

export function openDisk(id: string): Promise<IDBDatabase> {
  if (person !== id || opened === null) {
    closeDb()
    person = id
    opened = open(id)
    opened.catch(() => { opened = null })
  }
  return opened
}

export function currentPerson(): string | null {
  return person
}

export function closeDb(): void {
  void opened?.then((database) => database.close()).catch(() => undefined)
  opened = null
  person = null
}

/** Stores to read from, as they are at one moment. Raises when nobody is signed in or the browser keeps no database. */
export async function reading(...stores: StoreNames<Schema>[]): Promise<IDBTransaction> {
  if (person === null) throw new Error('no person')
  return (await openDisk(person)).transaction(stores)
}
