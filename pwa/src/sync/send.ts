/** The send loop: oldest first, one tab, backoff with jitter; nothing leaves the outbox without a receipt. */
import { Problem } from '@/platform/problem'
import { demand } from '@/platform/api'
import { currentPerson } from '@/platform/db'
import { serverNow } from '@/platform/clock'
import type { CommandsAnswer } from '@/core/types'
import { changed, setInFlight, setStall } from './board'
import { alone } from './lease'
import { defer, heldEpoch, markTried, MAX_COMMANDS, nextBatch, quarantine, settle } from './queue'

const FIRST = 1_000
const LONGEST = 5 * 60_000
/** A command that breaks the server again and again lets the others pass for this long. */
const ASIDE = 2 * 60_000

let limit = MAX_COMMANDS
let failures = 0
let notBefore = 0
/** The server named the wait, so nobody cuts it short. */
let asked = false
let running: Promise<void> | null = null
let again = false

/** Full jitter: phones that lost the same mast must not come back in step. */
export function backoff(times: number, random = Math.random()): number {
  return Math.round(FIRST / 2 + random * Math.min(LONGEST, FIRST * 2 ** Math.min(times, 16)))
}

async function post(commands: unknown[]): Promise<CommandsAnswer> {
  const response = await demand('/api/v1/sync/commands', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ sent_at: new Date(serverNow()).toISOString(), commands }),
  })
  // A captive portal answers 200 with its own page: that is no network, not a receipt.
  const answer = await response.json().catch(() => null) as CommandsAnswer | null
  if (!answer || !Array.isArray(answer.receipts) || answer.receipts.length === 0) throw new Problem('offline', '')
  return answer
}

function stall(cause: string, wait: number, byServer = false): 'stop' {
  failures += 1
  asked = byServer
  notBefore = Date.now() + wait
  setStall(cause)
  return 'stop'
}

/** Only a verdict about the batch itself may set a command aside; every other trouble waits. */
async function afterFailure(problem: Problem, ids: string[]): Promise<'go on' | 'stop'> {
  if (problem.code === 'login') return stall('login', 0)
  if (problem.status === 0) return stall('offline', backoff(failures))
  if (problem.status === 422 && problem.code === 'command_id_reused') {
    const named = (problem.facts.ids as string[] | undefined)?.filter((id) => ids.includes(id)) ?? []
    await quarantine(named.length > 0 ? named : ids.slice(0, 1), problem.code)
    return 'go on'
  }
  if ([400, 413, 422].includes(problem.status)) {
    if (ids.length === 1) await quarantine(ids, problem.code)
    else limit = Math.ceil(ids.length / 2)
    return 'go on'
  }
  const wait = Math.max(backoff(failures), Number(problem.facts.retry_after ?? 0) * 1000)
  if (problem.status >= 500 && problem.status !== 507) {
    if (ids.length === 1) await defer(ids, Date.now() + ASIDE, 'server_busy')
    limit = Math.max(1, Math.floor(ids.length / 2))
  }
  return stall(problem.status === 507 ? 'storage_full' : 'server_busy', wait, true)
}

async function once(onEpoch: (epoch: string) => void): Promise<'go on' | 'stop'> {
  const batch = await nextBatch(limit, Date.now())
  if (batch.length === 0) return 'stop'
  const ids = batch.map((row) => row.id)
  await markTried(ids)
  setInFlight(ids)
  try {
    const answer = await post(batch.map((row) => row.command))
    await settle(answer)
    failures = 0
    notBefore = 0
    limit = MAX_COMMANDS
    setStall(null)
    if (answer.epoch !== (await heldEpoch())) onEpoch(answer.epoch)
    await changed({ uploads: true, tickets: answer.tickets.map((t) => t.id) })
    return 'go on'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return await afterFailure(error, ids)
  } finally {
    setInFlight([])
    await changed({ commands: true })
  }
}

async function run(onEpoch: (epoch: string) => void): Promise<void> {
  const person = currentPerson()
  if (person === null) return
  do {
    again = false
    await alone('send', person, async (renew) => {
      while ((await once(onEpoch)) === 'go on') await renew()
    })
  } while (again && Date.now() >= notBefore)
}

/**
 * Sends what waits. `eager`: the person asked, or the network just came back, so a wait for the network is cut short; a wait the
 * server asked for is not.
 */
export function drain(onEpoch: (epoch: string) => void, eager = false): Promise<void> {
  if (running) {
    again = true
    return running
  }
  if (Date.now() < notBefore && (!eager || asked)) return Promise.resolve()
  running = run(onEpoch).finally(() => { running = null })
  return running
}

/** For tests and for a new person on this phone: nothing of the former's trouble is carried over. */
export function resetSending(): void {
  limit = MAX_COMMANDS
  failures = 0
  notBefore = 0
  asked = false
}
