/**
 * One timer for every countdown on screen. It writes text nodes directly: a component update per row and second cost 25 times
 * as much. Words change by the minute, so five seconds between ticks is close enough.
 */
import { countdown, type Level } from '@/core/countdown'
import { serverNow } from './clock'

interface Face { node: Text; host: HTMLElement; due: number }

const faces = new Set<Face>()
let timer: ReturnType<typeof setInterval> | undefined

function show(face: Face, now: number): void {
  const { text, level } = countdown(face.due, now)
  if (face.node.nodeValue !== text) face.node.nodeValue = text
  if (face.host.dataset.level !== level) face.host.dataset.level = level satisfies Level
}

export function tick(): void {
  if (typeof document !== 'undefined' && document.hidden) return
  const now = serverNow()
  for (const face of faces) show(face, now)
}

/** Shows the time left until `due` inside `host` until the returned function is called. */
export function watch(host: HTMLElement, due: string): () => void {
  const node = document.createTextNode('')
  host.replaceChildren(node)
  const face = { node, host, due: Date.parse(due) }
  faces.add(face)
  show(face, serverNow())
  if (timer === undefined) {
    timer = setInterval(tick, 5_000)
    document.addEventListener('visibilitychange', tick)
  }
  return () => {
    faces.delete(face)
    if (faces.size === 0) {
      clearInterval(timer)
      timer = undefined
      document.removeEventListener('visibilitychange', tick)
    }
  }
}
