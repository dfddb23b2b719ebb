/** Opens the phone's data from disk, so that the list stands before any network code is loaded. */
import { restoreClock } from '@/platform/clock'
import { getMeta, openFor } from '@/platform/db'
import { rememberedPerson } from '@/platform/person'
import { loadBoard } from './board'

/** Resolves false when nobody has signed in on this device. */
export async function bootFromDisk(): Promise<boolean> {
  const person = rememberedPerson()
  if (person === null) return false
  await openFor(person)
  restoreClock((await getMeta<Parameters<typeof restoreClock>[0]>('clock')) ?? null)
  await loadBoard(() => void import('./triggers').then(({ kick }) => kick('other tab')))
  return true
}
