/**
 * When to try. No Background Sync exists on iOS, in Firefox and in WebViews, so every sign of life is a chance: new work, start, the
 * page coming back, a timer, and any answer of the server. navigator.onLine is not asked.
 */
import { Problem } from '@/platform/problem'
import { noteSilence, onBack } from '@/platform/network'
import { auth } from '@/platform/person'
import { forgetCookie, pull } from './pull'
import { drain } from './send'
import { pumpUploads } from './uploads'

export type Reason = 'boot' | 'enqueue' | 'other tab' | 'network' | 'answered' | 'seen' | 'timer' | 'user'

const EVERY = 30_000
/** Looking away and back must not cost a request each time. */
const PULL_GAP = 5_000
const AFTER_UPLOAD = [1_500, 6_000]
const PULLS = new Set<Reason>(['boot', 'network', 'answered', 'seen', 'timer', 'user'])
const EAGER = new Set<Reason>(['boot', 'enqueue', 'network', 'answered', 'seen', 'user'])
const ASKS_LOGIN = new Set<Reason>(['boot', 'network', 'seen', 'user'])
const AT_ONCE = new Set<Reason>(['boot', 'network', 'user'])

let lastPull = -PULL_GAP
let report: (error: unknown) => void = () => undefined
let stop: (() => void) | null = null

/** Troubles that heal by themselves are shown as state, not as errors. */
function quiet(error: unknown): void {
  if (!(error instanceof Problem)) report(error)
}

async function pullIfDue(reason: Reason): Promise<void> {
  if (!PULLS.has(reason)) return
  if (!AT_ONCE.has(reason) && performance.now() - lastPull < PULL_GAP) return
  lastPull = performance.now()
  await pull()
}

function onEpoch(): void {
  void forgetCookie().then(() => pull()).then(() => kick('user')).catch(quiet)
}

function onSent(): void {
  for (const wait of AFTER_UPLOAD) setTimeout(() => void pull().catch(quiet), wait)
}

/**
 * One round: fetch what is new and send what waits side by side, then the originals. One failing does not keep the rest from trying.
 */
export async function round(reason: Reason): Promise<void> {
  // Nobody signs in by waiting: only a person, or a look at another tab where they did, is worth asking the server again.
  if (auth.value === 'login' && !ASKS_LOGIN.has(reason)) return
  const eager = EAGER.has(reason)
  await Promise.all([
    pullIfDue(reason).catch(quiet),
    drain(onEpoch, eager).catch(quiet),
  ])
  // What the pull found may have put delivered work back into the queue (another epoch).
  await drain(onEpoch).catch(quiet)
  await pumpUploads(onSent, eager).catch(quiet)
}

export function kick(reason: Reason): void {
  if (stop) void round(reason)
}

/** Starts listening; `onError` hears of faults that are nobody's normal day. */
export function listen(onError: (error: unknown) => void): void {
  stop?.()
  report = onError
  const seen = () => { if (!document.hidden) kick('seen') }
  const online = () => kick('network')
  const timer = setInterval(() => { if (!document.hidden) kick('timer') }, EVERY)
  const targets: [EventTarget, string, () => void][] = [
    [document, 'visibilitychange', seen], [window, 'pageshow', seen], [window, 'focus', seen], [window, 'online', online],
    // "There is a network" may be a lie, "there is none" is not: believed until the next answer, so that screens say it at once.
    [window, 'offline', noteSilence],
  ]
  for (const [target, name, hear] of targets) target.addEventListener(name, hear)
  const off = onBack(() => kick('answered'))
  stop = () => {
    clearInterval(timer)
    off()
    for (const [target, name, hear] of targets) target.removeEventListener(name, hear)
    stop = null
  }
}

export function unlisten(): void {
  stop?.()
}
