/**
 * New versions without a question: they wait until the person changes the screen with nothing unsaved and nothing under way. Works in
 * two ways: by the waiting service worker, or, where there is none (WeChat), by asking the server which build it serves.
 */
import { send } from './transport'

const CHECK_EVERY = 30 * 60_000
let waiting: ServiceWorker | null = null
let newBuild: string | null = null
let reloadTo: string | null = null

function note(registration: ServiceWorkerRegistration): void {
  // Without a controller this is the first installation, not an update.
  if (registration.waiting && navigator.serviceWorker.controller) waiting = registration.waiting
}

async function watchWorker(go: (url: string) => void): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js')
  note(registration)
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing
    fresh?.addEventListener('statechange', () => note(registration))
  })
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (reloadTo !== null) location.assign(reloadTo)
  })
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<{ kind?: string; url?: string }>) => {
    if (event.data?.kind === 'go' && event.data.url) go(new URL(event.data.url).pathname)
  })
  setInterval(() => void registration.update().catch(() => undefined), CHECK_EVERY)
}

async function askBuild(): Promise<void> {
  const response = await send('/api/v1/version').catch(() => null)
  const build = response?.ok ? ((await response.json()) as { build?: string }).build : undefined
  // Once per build: a server that names its builds otherwise must not make us reload for ever.
  if (build && build !== __BUILD__ && sessionStorage.getItem('doorstep.build') !== build) newBuild = build
}

/** `go` opens a path that a notification asked for. */
export async function watchForUpdates(go: (path: string) => void): Promise<void> {
  if (import.meta.env.DEV) return
  try {
    if (navigator.serviceWorker) return await watchWorker(go)
  } catch { /* refused in this browser: the other way */ }
  await askBuild()
  setInterval(() => void askBuild(), CHECK_EVERY)
}

/** At a change of route: true when a newer version takes over and opens `path` itself. */
export function takeOver(path: string, idle: boolean): boolean {
  if (!idle || (waiting === null && newBuild === null)) return false
  if (waiting) {
    reloadTo = path
    waiting.postMessage({ kind: 'activate' })
    // A worker that does not answer must not keep the person from the next screen.
    setTimeout(() => location.assign(path), 3_000)
    return true
  }
  sessionStorage.setItem('doorstep.build', newBuild!)
  void fetch('/', { cache: 'reload' }).finally(() => location.assign(path))
  return true
}
