/**
 * App shell and push, nothing of the domain: no API answer is cached and no request is replayed here. What must survive lives in the
 * outbox, which also works where there is no service worker.
 */
import { createHandlerBoundToURL, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import words from '@/locales/zh-CN.sw.json'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] }

interface PushText { title?: string; body?: string; ticket_id?: string | null; tag?: string; url?: string; badge?: number }

precacheAndRoute(self.__WB_MANIFEST)

/** What the precache leaves out (vite.config.ts, ONLINE): here from the first visit until the next version. */
const VISITED = 'doorstep-visited'
registerRoute(({ sameOrigin, url }) => sameOrigin && url.pathname.startsWith('/assets/'), async ({ request }) => {
  const visited = await caches.open(VISITED)
  const held = await visited.match(request)
  if (held) return held
  const response = await fetch(request)
  if (response.ok) await visited.put(request, response.clone())
  return response
})
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), {
  denylist: [/^\/api(\/|$)/, /^\/files(\/|$)/, /^\/oauth(\/|$)/, /^\/docs(\/|$)/, /^\/demo(\/|$)/, /^\/healthz$/],
}))

self.addEventListener('activate', (event) => event.waitUntil(Promise.all([self.clients.claim(), caches.delete(VISITED)])))

// The page decides when: on a change of route, with no draft dirty and no upload under way.
self.addEventListener('message', (event) => {
  if ((event.data as { kind?: string } | null)?.kind === 'activate') void self.skipWaiting()
})

self.addEventListener('push', (event) => {
  let text: PushText = {}
  try { text = (event.data?.json() ?? {}) as PushText } catch { text = { body: event.data?.text() } }
  if (text.badge) void navigator.setAppBadge?.(text.badge)
  // Always shown, even when the payload is unreadable: iOS withdraws the permission after silent ones.
  event.waitUntil(self.registration.showNotification(text.title ?? words.title, {
    body: text.body ?? '',
    tag: text.tag,
    icon: '/icon-192.png',
    badge: '/icon-192.png',
    lang: 'zh-CN',
    data: { url: text.url ?? (text.ticket_id ? `/t/${text.ticket_id}` : '/inbox') },
  }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL((event.notification.data as { url?: string } | null)?.url ?? '/', self.location.origin)
  event.waitUntil(open(url.origin === self.location.origin ? url.href : self.location.origin))
})

async function open(url: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const held = windows[0]
  if (!held) return void await self.clients.openWindow(url)
  await held.focus()
  held.postMessage({ kind: 'go', url })
}
