/**
 * The phone's database, one per person: another person's login on the same device opens another database and can neither see
 * nor send the former's work. Bytes are ArrayBuffers (WebKit loses Blobs and Files kept in IndexedDB).
 */
import {
  openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames as NamesOf,
} from 'idb'
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
export type StoreNames = NamesOf<Schema>
export type Db = IDBPDatabase<Schema>
export type Write<S extends StoreNames> = IDBPTransaction<Schema, S[], 'readwrite'>

/** The phone has no room: the caller must say so, since nothing was kept. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'
}

let person: string | null = null
let opened: Promise<Db> | null = null

export const databaseName = (id: string) => `doorstep-${id}`

function upgrade(db: Db): void {
  const commands = db.createObjectStore('commands', { keyPath: 'seq', autoIncrement: true })
  commands.createIndex('id', 'id', { unique: true })
  commands.createIndex('state', 'state')
  commands.createIndex('ticket', 'ticket_id')
  for (const name of ['tickets', 'details', 'inbox', 'policies', 'units', 'blobs'] as const) db.createObjectStore(name, { keyPath: 'id' })
  db.createObjectStore('drafts', { keyPath: 'ticket_id' })
  db.createObjectStore('uploads', { keyPath: 'evidence_id' })
  db.createObjectStore('meta')
}

export function openFor(id: string): Promise<Db> {
  if (person !== id || opened === null) {
    void opened?.then((db) => db.close())
    person = id
    opened = openDB<Schema>(databaseName(id), 1, {
      upgrade,
      // A newer version in another tab wants to upgrade: step aside, the next call opens again.
      blocking: (_old, _new, event) => { (event.target as IDBDatabase).close(); opened = null },
      // WebKit closes databases under a sleeping page.
      terminated: () => { opened = null },
    })
    opened.catch(() => { opened = null })
  }
  return opened
}

export function currentPerson(): string | null {
  return person
}

export function db(): Promise<Db> {
  if (person === null) return Promise.reject(new Error('no person'))
  return openFor(person)
}

export function closeDb(): void {
  void opened?.then((d) => d.close())
  opened = null
  person = null
}

const isFull = (error: unknown) => error instanceof Error && error.name === 'QuotaExceededError'

/**
 * One transaction on disk before it resolves (`strict`). `work` may await only requests of the transaction: anything foreign
 * lets IndexedDB commit half of it. Raises StorageFull when the phone has no room.
 */
export async function write<S extends StoreNames, T>(stores: S[], work: (tx: Write<S>) => Promise<T>, durability: 'strict' | 'relaxed' = 'strict'): Promise<T> {
  try {
    const tx = (await db()).transaction(stores, 'readwrite', { durability })
    const done = tx.done
    try {
      const result = await work(tx)
      await done
      return result
    } catch (error) {
      done.catch(() => undefined)
      try { tx.abort() } catch { /* it is over already */ }
      throw error
    }
  } catch (error) {
    throw isFull(error) ? new StorageFull('storage full') : error
  }
}

export async function getMeta<T>(key: string): Promise<T | undefined> {
  return (await (await db()).get('meta', key)) as T | undefined
}
