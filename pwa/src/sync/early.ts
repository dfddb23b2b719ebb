/** The answer that the page asked for before its program was loaded. */
import type { PullAnswer } from '@/core/types'
import { currentPerson } from '@/platform/disk'
import type { FirstFetch } from '@/platform/person'
import { preview } from './board'

declare global {
  interface Window { __first?: Promise<FirstFetch> }
}

interface Early { cookie: string | null; answer: PullAnswer }

let early: Promise<Early | null> | null = null

/** Null when there is no answer: whoever asks for news then hears why. */
async function read(first: Promise<FirstFetch>): Promise<Early | null> {
  try {
    const { pull, cookie } = await first
    const response = await pull
    return response?.ok ? { cookie, answer: await response.json() as PullAnswer } : null
  } catch {
    return null
  }
}

/**
 * Shows it as soon as it is here. It is on disk half a second later, and on a phone that holds nothing yet that is half a second of an
 * empty page.
 */
export async function showEarly(): Promise<void> {
  if (!window.__first) return
  early = read(window.__first)
  const answer = (await early)?.answer
  if (answer && !answer.unchanged && answer.me?.id === currentPerson()) preview(answer)
}

/** The one who pulls first takes it; afterwards it is out of date. */
export async function takeEarly(): Promise<Early | null> {
  const held = early
  early = null
  return held
}
