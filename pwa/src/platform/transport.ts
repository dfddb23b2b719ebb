/** fetch with an end: a call on a dying network may otherwise hang for minutes and hold the queue. */
import { noteAnswer, noteSilence } from './network'
import { Problem } from './problem'

const PATIENCE = 30_000

/** Raises Problem `offline` (no answer) or `timeout`; any answer, whatever its status, is returned. */
export async function send(input: RequestInfo | URL, init: RequestInit = {}, patience = PATIENCE): Promise<Response> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), patience)
  init.signal?.addEventListener('abort', () => stop.abort())
  try {
    const response = await fetch(input, { ...init, signal: stop.signal })
    noteAnswer()
    return response
  } catch {
    noteSilence()
    throw new Problem(stop.signal.aborted ? 'timeout' : 'offline', '')
  } finally {
    clearTimeout(timer)
  }
}
