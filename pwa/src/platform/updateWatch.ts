/** Notices newer versions: by the service worker, or, where there is none, by asking the server which build it serves. */
import { send } from './transport'
import { newer } from './update'

const CHECK_EVERY = 30 * 60_000

function note(registration: ServiceWorkerRegistration): void {
  // Without a controller this is the first installation, not an update.
  if (registration.waiting && navigator.serviceWorker.controller) newer.worker = registration.waiting
}

async function watchWorker(go: (url: string) => void): Promise<void> {
  const registration = await navigator.serviceWorker.register('/sw.js')
  note(registration)
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing
    fresh?.addEventListener('statechange', () => note(registration))
  })
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (newer.reloadTo !== null) location.assign(newer.reloadTo)
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
  if (build && build !== __BUILD__ && sessionStorage.getItem('doorstep.build') !== build) newer.build = build
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

