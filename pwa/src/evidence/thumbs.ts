/** Previews through the worker where the browser has one with a canvas; otherwise none, and the strip shows a sign. */
import { putThumb } from '@/sync/outbox'

const EDGE = 480
/** The worker keeps a decoded bitmap per photo; after this long without one it is let go. */
const IDLE_MS = 20_000

let worker: Worker | null = null
let idle: ReturnType<typeof setTimeout> | null = null
const waiting = new Map<string, (bytes: ArrayBuffer | null) => void>()

function start(): Worker | null {
  if (typeof Worker === 'undefined' || typeof OffscreenCanvas === 'undefined') return null
  if (worker) return worker
  worker = new Worker(new URL('./thumb.worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', (event: MessageEvent<{ id: string; bytes: ArrayBuffer | null }>) => {
    waiting.get(event.data.id)?.(event.data.bytes)
    waiting.delete(event.data.id)
    rest()
  })
  worker.addEventListener('error', stop)
  return worker
}

function stop(): void {
  worker?.terminate()
  worker = null
  for (const resolve of waiting.values()) resolve(null)
  waiting.clear()
}

function rest(): void {
  if (idle) clearTimeout(idle)
  idle = setTimeout(() => { if (waiting.size === 0) stop() }, IDLE_MS)
}

/** Makes and keeps the preview; a photo this browser cannot draw (HEIC) simply has none until the server made one. */
export async function makeThumb(evidenceId: string, blob: Blob): Promise<boolean> {
  const running = start()
  if (!running) return false
  const bytes = await new Promise<ArrayBuffer | null>((resolve) => {
    waiting.set(evidenceId, resolve)
    running.postMessage({ id: evidenceId, blob, edge: EDGE })
  })
  if (!bytes) return false
  await putThumb(evidenceId, bytes)
  return true
}
