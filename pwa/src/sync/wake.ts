/** Opens the phone's data from disk, so that the list stands before any network code is loaded. */
import { restoreClock } from '@/platform/clock'
import { asked, openDisk, reading } from '@/platform/disk'
import { rememberedPerson } from '@/platform/person'
import { loadBoard } from './board'

/** Resolves false when nobody has signed in on this device. */
export async function bootFromDisk(): Promise<boolean> {
  const person = rememberedPerson()
  if (person === null) return false
  await openDisk(person)
  restoreClock(await asked((await reading('meta')).objectStore('meta').get('clock')) ?? null)
  await loadBoard(() => void import('./triggers').then(({ kick }) => kick('other tab')))
  return true
}
