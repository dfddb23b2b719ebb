/** After the first paint: the network, for the person whose data is on the screen. */
import type { Session } from '@/core/types'
import { restoreClock } from '@/platform/clock'
import { closeDb, db, getMeta, openFor, write } from '@/platform/db'
import { Problem } from '@/platform/problem'
import { rememberedPerson } from '@/platform/person'
import { resyncPush } from '@/platform/push'
import { finishLeaving, logout, refresh } from '@/platform/session'
import { askPersistence } from '@/platform/storage'
import { clearBoard, loadBoard } from './board'
import { flushAllDrafts } from './drafts'
import { prune } from './queue'
import { resetSending } from './send'
import { resetUploads } from './uploads'
import { kick, listen, round, unlisten } from './triggers'

let complain: (error: unknown) => void = () => undefined

/** Session, news, waiting work. `onError` hears of faults that do not heal by themselves. */
export async function goOnline(onError: (error: unknown) => void): Promise<void> {
  complain = onError
  if (rememberedPerson() === null) return finishLeaving()
  const first = window.__first
  window.__first = undefined
  listen(complain)
  const session = await refresh(first).catch(() => null)
  if (session) await keepMe(session)
  await flushAllDrafts().catch(complain)
  await round('boot')
  await prune(Date.now()).catch(complain)
  askPersistence()
  // Only who allowed notifications ever subscribed; nobody waits for it, and without a network the next start does it.
  if (session && window.Notification?.permission === 'granted') void resyncPush().catch(() => undefined)
}

async function keepMe(session: Session): Promise<void> {
  await (await db()).put('meta', session.me, 'me')
}

/** After a login: the same person goes on where they were, another one gets their own database. */
export async function startFor(session: Session): Promise<void> {
  unlisten()
  resetSending()
  resetUploads()
  clearBoard()
  await openFor(session.me.id)
  restoreClock((await getMeta<Parameters<typeof restoreClock>[0]>('clock')) ?? null)
  await keepMe(session)
  await loadBoard(() => kick('other tab'))
  listen(complain)
  kick('user')
}

/** What only this phone has: drafts count, once offered as commands. */
async function unsent(): Promise<number> {
  await flushAllDrafts()
  const store = await db()
  const [waiting, refused, files] = await Promise.all([
    store.countFromIndex('commands', 'state', 'waiting'), store.countFromIndex('commands', 'state', 'refused'), store.getAll('uploads'),
  ])
  return waiting + refused + files.filter((row) => row.held && row.state === 'waiting').length
}

/**
 * Sign-out; raises Problem `unsent_work` while something is left to send. What belongs to the office (tickets, callers) leaves this device at once; delivered commands and originals stay for their
 * thirty days, unreadable without a login, in case the server is restored from a backup.
 */
export async function signOut(): Promise<void> {
  if ((await unsent()) > 0) throw new Problem('unsent_work', '')
  unlisten()
  await write(['tickets', 'details', 'inbox', 'units', 'policies', 'drafts', 'meta'], async (tx) => {
    for (const name of ['tickets', 'details', 'inbox', 'units', 'policies', 'drafts'] as const) await tx.objectStore(name).clear()
    await tx.objectStore('meta').delete('cookie')
    await tx.objectStore('meta').delete('me')
    await tx.objectStore('meta').delete('directory')
  })
  const person = rememberedPerson()
  if (person) localStorage.removeItem(`doorstep.cookie.${person}`)
  clearBoard()
  void navigator.clearAppBadge?.()
  closeDb()
  await logout()
}
