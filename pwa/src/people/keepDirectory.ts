/** The directory on this phone: fetched, kept, read again where there is no network. */
import type { Clean } from '@/core/types'
import { demand } from '@/platform/api'
import { getMeta, write } from '@/platform/db'
import type { Directory } from './directory'

export interface Kept { at: number; directory: Directory }
/** Numbers that are older than this are asked for again when the app starts with a network, ms. */
const GROWS_OLD = 12 * 3_600_000

export const kept = () => getMeta<Kept>('directory').catch(() => undefined)

/** Raises what `demand` raises. */
export async function fetchDirectory(): Promise<Kept> {
  const fresh = { at: Date.now(), directory: await (await demand('/api/v1/people/directory')).json() as Clean<Directory> }
  // Not kept is no fault: the numbers are here.
  await write(['meta'], async (tx) => { await tx.objectStore('meta').put(fresh, 'directory') }, 'relaxed').catch(() => undefined)
  return fresh
}

/** Before it is needed: who stands in a lift has not opened it this morning. */
export async function keepDirectory(): Promise<void> {
  const had = await kept()
  if (had === undefined || Date.now() - had.at > GROWS_OLD) await fetchDirectory()
}
