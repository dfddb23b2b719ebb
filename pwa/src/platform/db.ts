/** Transactions on the phone's database, for the engine and what comes after it. */
import { wrap, type IDBPDatabase, type IDBPTransaction, type StoreNames as NamesOf } from 'idb'
import { currentPerson, openDisk, StorageFull, type Schema } from './disk'

export { closeDb, currentPerson, StorageFull, type CommandRow, type Kept, type StoredUpload } from './disk'

export type StoreNames = NamesOf<Schema>
export type Db = IDBPDatabase<Schema>
export type Write<S extends StoreNames> = IDBPTransaction<Schema, S[], 'readwrite'>

export async function openFor(id: string): Promise<Db> {
  return wrap(await openDisk(id)) as unknown as Db
}

export function db(): Promise<Db> {
  const person = currentPerson()
  return person === null ? Promise.reject(new Error('no person')) : openFor(person)
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
