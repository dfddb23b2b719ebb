/** Brings home what the server knows: a diff against the cookie of the last time, page by page. */
import type { News, PullAnswer } from '@/core/types'
import { demand } from '@/platform/api'
import { hearBeacon } from '@/platform/clock'
import { currentPerson, db, getMeta, write, type Write } from '@/platform/db'
import { Problem } from '@/platform/problem'
import type { FirstFetch } from '@/platform/person'
import { changed } from './board'
import { reoffer } from './queue'
import { putTickets } from './snapshots'

const PULL_STORES = ['tickets', 'details', 'uploads', 'blobs', 'inbox', 'policies', 'units', 'meta', 'commands'] as const
type PullTx = Write<(typeof PULL_STORES)[number]>
const SWEPT = ['tickets', 'inbox', 'policies', 'units'] as const

let running: Promise<void> | null = null
const mirror = (person: string) => `doorstep.cookie.${person}`

/** The cookie of the last pull, beside the database, so that the page can ask before its program is loaded. */
function mirrorCookie(cookie: string | null): void {
  const person = currentPerson()
  if (person === null) return
  if (cookie === null || cookie.length > 1_000) localStorage.removeItem(mirror(person))
  else localStorage.setItem(mirror(person), cookie)
}

/** The answer the page asked for before its program was loaded; whoever pulls first takes it. */
let early: Promise<FirstFetch> | null = null
export function offerFirst(first: Promise<FirstFetch> | undefined): void {
  early = first ?? null
}

async function askedEarly(cookie: string | undefined): Promise<PullAnswer | null> {
  const waiting = early
  early = null
  const first = await waiting?.catch(() => null)
  if (!first?.pull || first.cookie !== (cookie ?? null)) return null
  const response = await first.pull.catch(() => null)
  return response?.ok ? await response.json() as PullAnswer : null
}

async function ask(cookie: string | undefined): Promise<PullAnswer> {
  const had = await askedEarly(cookie)
  if (had) return had
  const response = await demand(`/api/v1/sync/pull${cookie === undefined ? '' : `?cookie=${encodeURIComponent(cookie)}`}`)
  const answer = await response.json().catch(() => null) as PullAnswer | null
  // A captive portal's page is no answer.
  if (!answer || typeof answer.unchanged !== 'boolean') throw new Problem('offline', '')
  return answer
}

async function sweep(tx: PullTx, gen: number): Promise<void> {
  for (const name of SWEPT) {
    for (let cursor = await tx.objectStore(name).openCursor(); cursor; cursor = await cursor.continue()) {
      if ((cursor.value as { gen: number }).gen >= gen) continue
      if (name === 'tickets') await tx.objectStore('details').delete(cursor.value.id)
      await cursor.delete()
    }
  }
}

async function dropGone(tx: PullTx, gone: string[]): Promise<void> {
  for (const entry of gone) {
    const id = entry.slice(2)
    if (entry.startsWith('t:')) {
      await tx.objectStore('tickets').delete(id)
      await tx.objectStore('details').delete(id)
    } else if (entry.startsWith('i:')) await tx.objectStore('inbox').delete(id)
  }
}

/** Another memory than the one we knew: keep all, forget the cookie, offer everything again, ask anew. */
async function startOver(epoch: string): Promise<void> {
  await write([...PULL_STORES], async (tx) => {
    await reoffer(tx as never)
    await tx.objectStore('meta').put(epoch, 'epoch')
    await tx.objectStore('meta').delete('cookie')
  })
  mirrorCookie(null)
}

async function apply(news: News): Promise<void> {
  const heard = hearBeacon(news.beacon)
  await write([...PULL_STORES], async (tx) => {
    const meta = tx.objectStore('meta')
    let gen = ((await meta.get('gen')) as number | undefined) ?? 0
    if (news.reset) {
      gen += 1
      await meta.put(gen, 'gen')
      await meta.put(true, 'sweeping')
    }
    await putTickets(tx as never, news.tickets, gen)
    for (const notice of news.inbox) await tx.objectStore('inbox').put({ ...notice, gen })
    for (const policy of news.policies) await tx.objectStore('policies').put({ ...policy, gen })
    for (const unit of news.units ?? []) await tx.objectStore('units').put({ ...unit, gen })
    await dropGone(tx, news.gone)
    if (!news.more && (await meta.get('sweeping'))) {
      await sweep(tx, gen)
      await meta.delete('sweeping')
    }
    if (news.me) await meta.put(news.me, 'me')
    await meta.put(news.epoch, 'epoch')
    await meta.put(news.cookie, 'cookie')
    if (heard) await meta.put(heard, 'clock')
  })
  mirrorCookie(news.cookie)
}

async function keepClock(beacon: string): Promise<void> {
  const heard = hearBeacon(beacon)
  if (heard) await (await db()).put('meta', heard, 'clock')
}

/** One page; says whether another is due at once. */
async function page(): Promise<boolean> {
  const cookie = await getMeta<string>('cookie')
  const answer = await ask(cookie)
  if (answer.unchanged) {
    await keepClock(answer.beacon)
    return false
  }
  // The cookie belongs to one person; so does the answer.
  if (answer.me && answer.me.id !== currentPerson()) throw new Problem('login', '', 401)
  const epoch = await getMeta<string>('epoch')
  if (epoch !== undefined && epoch !== answer.epoch) {
    await startOver(answer.epoch)
    await changed({ commands: true, uploads: true })
    if (cookie !== undefined) return true
  }
  await apply(answer)
  const ids = answer.reset || !answer.more ? 'all' as const : answer.tickets.map((t) => t.id)
  await changed({ tickets: ids, uploads: true, base: true })
  return answer.more
}

/** Raises Problem `login`, `offline`, or what the server said. Calls while one is under way share it. */
export function pull(): Promise<void> {
  running ??= (async () => {
    while (await page());
  })().finally(() => { running = null })
  return running
}

/** The server's memory changed while we were sending: the cookie we hold means nothing to it. */
export async function forgetCookie(): Promise<void> {
  await (await db()).delete('meta', 'cookie')
  mirrorCookie(null)
}
