/**
 * One tab at a time. The Web Lock decides where it exists; the lease row covers browsers without it, and tells when a lock is held
 * by a tab that the system froze. Neither is the guard against sending twice: the server's receipts are.
 */
import { newId } from '@/core/command'
import { getMeta, write } from '@/platform/db'

interface Lease { owner: string; until: number }
const LEASE = 90_000
const me = newId(Date.now())

// A lease further away than it can be was written under another clock.
const fresh = (lease: Lease | undefined, now: number) => lease !== undefined && lease.until > now && lease.until <= now + LEASE

async function takeLease(key: string, force: boolean): Promise<boolean> {
  return write(['meta'], async (tx) => {
    const now = Date.now()
    const held = (await tx.objectStore('meta').get(key)) as Lease | undefined
    if (!force && fresh(held, now) && held!.owner !== me) return false
    await tx.objectStore('meta').put({ owner: me, until: now + LEASE }, key)
    return true
  }, 'relaxed')
}

async function dropLease(key: string): Promise<void> {
  await write(['meta'], async (tx) => {
    const held = (await tx.objectStore('meta').get(key)) as Lease | undefined
    if (held?.owner === me) await tx.objectStore('meta').delete(key)
  }, 'relaxed')
}

async function run(key: string, force: boolean, work: (renew: () => Promise<unknown>) => Promise<void>): Promise<boolean> {
  if (!(await takeLease(key, force))) return false
  try {
    await work(() => takeLease(key, true))
    return true
  } finally {
    await dropLease(key).catch(() => undefined)
  }
}

/** Runs `work` unless another tab is at it; says whether it ran. */
export async function alone(name: string, person: string, work: (renew: () => Promise<unknown>) => Promise<void>): Promise<boolean> {
  const key = `lease.${name}`
  if (typeof navigator === 'undefined' || !navigator.locks) return run(key, false, work)
  const lockName = `doorstep.${name}.${person}`
  const ran = await navigator.locks.request(lockName, { ifAvailable: true }, (lock) => (lock ? run(key, true, work) : null))
  if (ran !== null) return ran
  if (fresh(await getMeta<Lease>(key), Date.now())) return false
  // The holder has not renewed for a minute and a half: it is frozen. When it thaws, receipts sort it out.
  return navigator.locks.request(lockName, { steal: true }, () => run(key, true, work)).catch(() => false)
}
