/** Web Push on this device: a bonus beside the inbox, never the only way. */
import { authorised, demand } from './api'
import { Problem } from './problem'

export type PushState = 'unsupported' | 'denied' | 'off' | 'on'

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(text, (c) => c.charCodeAt(0))
}

async function registration(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return null
  return (await navigator.serviceWorker.getRegistration()) ?? null
}

export async function pushState(): Promise<PushState> {
  const held = await registration()
  if (!held) return 'unsupported'
  if (Notification.permission === 'denied') return 'denied'
  return (await held.pushManager.getSubscription()) ? 'on' : 'off'
}

async function tellServer(subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON()
  await demand('/api/v1/push/subscriptions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth } }),
  })
}

/** Must run inside a tap: browsers ask the person. Raises Problem (push_denied, push_unreachable, …). */
export async function pushOn(): Promise<void> {
  const held = await registration()
  if (!held) throw new Problem('push_unsupported', '')
  if ((await Notification.requestPermission()) !== 'granted') throw new Problem('push_denied', '')
  const { key } = await (await demand('/api/v1/push/key')).json() as { key: string }
  await tellServer(await subscribed(held, key))
}

/** A subscription made with another key reaches nobody, and stands in the way of one made with ours. */
async function subscribed(held: ServiceWorkerRegistration, key: string): Promise<PushSubscription> {
  const [ours, former] = [bytesOf(key), await held.pushManager.getSubscription()]
  const theirs = former?.options?.applicationServerKey
  if (former && theirs && String(new Uint8Array(theirs)) !== String(ours)) await former.unsubscribe()
  return held.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: ours })
    .catch(() => { throw new Problem('push_unreachable', '') })
}

export async function pushOff(): Promise<void> {
  const subscription = await (await registration())?.pushManager.getSubscription()
  if (!subscription) return
  await authorised('/api/v1/push/subscriptions', {
    method: 'DELETE',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ endpoint: subscription.endpoint }),
  })
  await subscription.unsubscribe()
}

/** At every start: browsers renew subscriptions on their own, and the server may have lost one, or have a new key. */
export async function resyncPush(): Promise<void> {
  const held = await registration()
  if (!(await held?.pushManager.getSubscription())) return
  const { key } = await (await demand('/api/v1/push/key')).json() as { key: string }
  await tellServer(await subscribed(held!, key))
}
