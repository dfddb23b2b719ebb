// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rememberPerson } from '@/platform/person'
import { pushOn, resyncPush } from '@/platform/push'

const KEY = 'BAECAwQ'
let told: string[] = []
let left = 0
let held: { endpoint: string; key: Uint8Array } | null = null

function subscription(): unknown {
  return held && {
    options: { applicationServerKey: held.key.buffer },
    toJSON: () => ({ endpoint: held?.endpoint, keys: { p256dh: 'p', auth: 'a' } }),
    unsubscribe: () => { held = null; left += 1; return Promise.resolve(true) },
  }
}

beforeEach(() => {
  told = []
  left = 0
  ;(window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL('http://localhost/')
  rememberPerson('p0')
  const pushManager = {
    getSubscription: () => Promise.resolve(subscription()),
    subscribe: ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
      // As browsers do: a second one with another key is refused while the first is there.
      if (held && String(held.key) !== String(applicationServerKey)) return Promise.reject(new DOMException('', 'InvalidStateError'))
      held ??= { endpoint: 'https://push.example.org/new', key: applicationServerKey }
      return Promise.resolve(subscription())
    },
  }
  vi.stubGlobal('PushManager', class {})
  vi.stubGlobal('Notification', { permission: 'granted', requestPermission: () => Promise.resolve('granted') })
  Object.defineProperty(navigator, 'serviceWorker', { configurable: true, value: { getRegistration: () => Promise.resolve({ pushManager }) } })
  vi.stubGlobal('fetch', async (asked: Request | string, init?: RequestInit) => {
    const url = typeof asked === 'string' ? asked : asked.url
    if (url.endsWith('/refresh')) return Response.json({ access_token: 'a', expires_in: 900, me: { id: 'p0' } })
    if (url.endsWith('/push/key')) return Response.json({ key: KEY })
    told.push((JSON.parse(String(init?.body)) as { endpoint: string }).endpoint)
    return new Response(null, { status: 201 })
  })
})
afterEach(() => { vi.unstubAllGlobals(); held = null })

describe('the subscription of this device', () => {
  it('is made anew when it was made with another key than the server has now', async () => {
    held = { endpoint: 'https://push.example.org/old', key: new Uint8Array([9, 9]) }
    await resyncPush()
    expect([left, told]).toEqual([1, ['https://push.example.org/new']])
  })
  it('is told to the server again at every start, and nothing where there is none', async () => {
    await resyncPush()
    expect(told).toEqual([])
    await pushOn()
    await resyncPush()
    expect([left, told]).toEqual([0, ['https://push.example.org/new', 'https://push.example.org/new']])
  })
})
