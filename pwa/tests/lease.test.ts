// @vitest-environment happy-dom
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { getMeta, write } from '@/platform/db'
import { alone } from '@/sync/lease'
import { newPhone } from './support/phone'
import { Backend } from './support/server'

const backend = new Backend()
const otherTab = (until: number) => write(['meta'], async (tx) => { await tx.objectStore('meta').put({ owner: 'another', until }, 'lease.send') })
const tryIt = async () => {
  let ran = 0
  const said = await alone('send', 'p', async () => { ran += 1 })
  return { ran, said }
}

beforeEach(async () => {
  if (backend.base === '') await backend.start()
  await newPhone(backend)
})
afterAll(() => backend.stop())

describe('one tab at a time, in a browser without Web Locks', () => {
  it('runs when nobody does, and leaves no lease behind', async () => {
    expect(await tryIt()).toEqual({ ran: 1, said: true })
    expect(await getMeta('lease.send')).toBeUndefined()
  })

  it('stands back while another tab holds a fresh lease', async () => {
    await otherTab(Date.now() + 60_000)
    expect(await tryIt()).toEqual({ ran: 0, said: false })
  })

  it.each([['stale', -1], ['written under another clock', 400 * 86_400_000]])('takes over a lease that is %s', async (_name, ahead) => {
    await otherTab(Date.now() + ahead)
    expect(await tryIt()).toEqual({ ran: 1, said: true })
  })

  it('gives the lease back when the work fails', async () => {
    await expect(alone('send', 'p', () => Promise.reject(new Error('x')))).rejects.toThrow('x')
    expect(await getMeta('lease.send')).toBeUndefined()
  })
})

describe('with Web Locks', () => {
  const locks = (free: boolean, taken: string[]) => ({
    request: async (name: string, options: { ifAvailable?: boolean; steal?: boolean }, work: (lock: object | null) => unknown) => {
      taken.push(options.steal ? `steal ${name}` : name)
      return work(free || options.steal ? {} : null)
    },
  })

  it('the lock decides; a lease left by a killed tab is no obstacle', async () => {
    const taken: string[] = []
    vi.stubGlobal('navigator', { locks: locks(true, taken) })
    await otherTab(Date.now() + 60_000)
    expect(await tryIt()).toEqual({ ran: 1, said: true })
    expect(taken).toEqual(['doorstep.send.p'])
    vi.unstubAllGlobals()
  })

  it('a held lock is respected while its tab renews, and stolen from a frozen one', async () => {
    const taken: string[] = []
    vi.stubGlobal('navigator', { locks: locks(false, taken) })
    await otherTab(Date.now() + 60_000)
    expect(await tryIt()).toEqual({ ran: 0, said: false })
    await otherTab(Date.now() - 1)
    expect(await tryIt()).toEqual({ ran: 1, said: true })
    expect(taken[2]).toBe('steal doorstep.send.p')
    vi.unstubAllGlobals()
  })
})
