/** Brings home what the server knows: a diff against the cookie of the last time, page by page. */
import type { News, PullAnswer, Ticket } from '@/core/types'
import { demand } from '@/platform/api'
import { hearBeacon } from '@/platform/clock'
import { currentPerson, db, getMeta, write, type Write } from '@/platform/db'
import { Problem } from '@/platform/problem'
import { changed, preview } from './board'
import { takeEarly } from './early'
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


async function ask(cookie: string | undefined): Promise<PullAnswer> {
  const early = await takeEarly()
  if (early && early.cookie === (cookie ?? null)) return early.answer
  const response = await demand(`/api/v1/sync/pull${cookie === undefined ? '' : `?cookie=${encodeURIComponent(cookie)}`}`)
  const answer = await response.json().catch(() => null) as PullAnswer | null
  // A captive portal's page is no answer.
  if (!answer || typeof answer.unchanged !== 'boolean') throw new Problem('offline', '')
  return answer
}

/** Returns the tickets that went. */
async function sweep(tx: PullTx, gen: number): Promise<string[]> {
  const went: string[] = []
  for (const name of SWEPT) {
    for (let cursor = await tx.objectStore(name).openCursor(); cursor; cursor = await cursor.continue()) {
      if ((cursor.value as { gen: number }).gen >= gen) continue
      if (name === 'tickets') {
        went.push(cursor.value.id)
        await tx.objectStore('details').delete(cursor.value.id)
      }
      await cursor.delete()
    }
  }
  return went
}

async function dropGone(tx: PullTx, gone: string[]): Promise<string[]> {
  const went: string[] = []
  for (const entry of gone) {
    const id = entry.slice(2)
    if (entry.startsWith('t:')) {
      await tx.objectStore('tickets').delete(id)
      await tx.objectStore('details').delete(id)
      went.push(id)
    } else if (entry.startsWith('i:')) await tx.objectStore('inbox').delete(id)
  }
  return went
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

async function apply(news: News): Promise<{ written: Ticket[]; went: string[] }> {
  const heard = hearBeacon(news.beacon)
  const result = await write([...PULL_STORES], async (tx) => {
    const meta = tx.objectStore('meta')
    let gen = ((await meta.get('gen')) as number | undefined) ?? 0
    if (news.reset) {
      gen += 1
      await meta.put(gen, 'gen')
      await meta.put(true, 'sweeping')
    }
    const written = await putTickets(tx as never, news.tickets, gen)
    await Promise.all([
      ...news.inbox.map((notice) => tx.objectStore('inbox').put({ ...notice, gen })),
      ...news.policies.map((policy) => tx.objectStore('policies').put({ ...policy, gen })),
      ...(news.units ?? []).map((unit) => tx.objectStore('units').put({ ...unit, gen })),
    ])
    const went = await dropGone(tx, news.gone)
    if (!news.more && (await meta.get('sweeping'))) {
      went.push(...await sweep(tx, gen))
      await meta.delete('sweeping')
    }
    if (news.me) await meta.put(news.me, 'me')
    await meta.put(news.epoch, 'epoch')
    await meta.put(news.cookie, 'cookie')
    if (heard) await meta.put(heard, 'clock')
    return { written, went }
  })
  mirrorCookie(news.cookie)
  return result
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
  preview(answer)
  const { written, went } = await apply(answer)
  if (answer.inbox.length > 0) void import('@/platform/ring').then((bell) => bell.heard(answer.inbox, answer.reset)).catch(() => undefined)
  const base = answer.reset || !answer.more || answer.gone.length + answer.inbox.length + answer.policies.length > 0
  await changed({ tickets: [...written.map((ticket) => ticket.id), ...went], uploads: true, base }, written)
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
