// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import ChannelSheet from '@/channels/ChannelSheet.vue'
import MyChannelsScreen from '@/channels/MyChannelsScreen.vue'
import { rememberPerson } from '@/platform/person'
import { soundOn } from '@/platform/ring'

const sent: { name: string; args: Record<string, unknown> }[] = []
vi.mock('vue-router', () => ({ useRoute: () => ({ query: {} }), useRouter: () => ({}) }))
vi.mock('@/oversight/useSend', async () => {
  const { ref } = await import('vue')
  return { useSend: () => ({ busy: ref(false), failure: ref(null), later: ref(false), code: ref(null),
    send: (name: string, _ticket: null, args: Record<string, unknown>) => { sent.push({ name, args }); return Promise.resolve('done') } }) }
})

const own = (channel: string, label: string) => ({ channel, label, bind: 'oauth', muted: false, points: [] })
const mine = {
  channels: [own('wechat', '微信公众号'), own('wecom', '企业微信'), own('sms', '短信')], preferred: null, order: ['wechat', 'wecom', 'sms'],
  quiet_from: null, quiet_until: null, may_mute: ['一般'],
}
const field = (name: string, over: Record<string, unknown> = {}) => ({ name, label: name, kind: 'text', secret: false, needed: true, usual: '', hint: '', choices: [], value: '', filled: false, ...over })
const sms = { channel: 'sms', label: '短信', group: false, enabled: false, changed_by: null, changed_at: null, callback_url: null, bound: 0,
  fields: [field('url', { value: 'https://gateway.example.org' }), field('secret', { secret: true, value: null, filled: true })] }

let asked: { method: string; url: string; body: unknown }[] = []
let tried = { ok: true, words: '短信已收下测试消息，请查看。' }
let mounted: VueWrapper | null = null
beforeEach(() => {
  asked = []
  sent.length = 0
  localStorage.clear()
  ;(window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL('http://localhost/')
  rememberPerson('p0')
  vi.stubGlobal('AudioContext', class { constructor() { throw new Error('needs a tap') } })
  vi.stubGlobal('fetch', async (request: Request | string) => {
    const url = typeof request === 'string' ? request : request.url
    if (url.endsWith('/refresh')) return Response.json({ access_token: 'a', expires_in: 900, me: { id: 'p0' } })
    const [method, body] = typeof request === 'string' ? ['GET', null] : [request.method, await request.clone().json().catch(() => null)]
    asked.push({ method, url: new URL(url).pathname, body })
    if (url.endsWith('/channels/mine')) return Response.json(mine)
    return method === 'PUT' ? new Response(null, { status: 204 }) : Response.json(tried)
  })
})
afterEach(() => { mounted?.unmount(); document.body.innerHTML = ''; vi.unstubAllGlobals() })
const shows = (text: string) => vi.waitFor(async () => { await flushPromises(); if (!document.body.textContent?.includes(text)) throw new Error(`no ${text}`) })
const button = (name: string) => [...document.querySelectorAll<HTMLButtonElement>('button')].find((one) => one.getAttribute('aria-label') === name || one.textContent?.trim() === name)!

describe('one\'s own channels', () => {
  it('are put into order with the focus going along, and kept with the hours of quiet', async () => {
    mounted = mount(MyChannelsScreen, { attachTo: document.body, global: { stubs: { RouterLink: true } } })
    await shows('3. 短信')
    expect(button('上移微信公众号')).toBeUndefined()
    button('上移短信').click()
    await flushPromises()
    expect(document.activeElement?.getAttribute('aria-label')).toBe('上移短信')
    ;(document.activeElement as HTMLElement).click()
    await flushPromises()
    expect([...document.querySelectorAll('.ch-order li > span')].map((line) => line.textContent)).toEqual(['1. 短信', '2. 微信公众号', '3. 企业微信'])
    const quiet = [...document.querySelectorAll<HTMLLabelElement>('label')].find((one) => one.textContent?.includes('免打扰'))!.querySelector('input')!
    quiet.click()
    await flushPromises()
    button('保存').click()
    await shows('已保存')
    expect(sent).toEqual([{ name: 'channel.prefer', args: { muted: [], order: ['sms', 'wechat', 'wecom'], quiet_from: '22:00', quiet_until: '07:00' } }])
  })

  it('keep on this device whether new reminders ring', async () => {
    mounted = mount(MyChannelsScreen, { attachTo: document.body, global: { stubs: { RouterLink: true } } })
    await shows('响铃')
    const sound = [...document.querySelectorAll<HTMLLabelElement>('label')].find((one) => one.textContent?.includes('响铃'))!.querySelector('input')!
    expect([sound.checked, soundOn()]).toEqual([true, true])
    sound.click()
    await flushPromises()
    expect(soundOn()).toBe(false)
  })
})

describe('setting a channel up', () => {
  it('keeps what is written, without the secret that was left alone, and says what the service answered', async () => {
    mounted = mount(ChannelSheet, { props: { which: sms as never }, attachTo: document.body })
    button('测试').click()
    await shows('短信已收下测试消息')
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /api/v1/channels/sms', 'POST /api/v1/channels/sms/test'])
    expect(asked[0]!.body).toEqual({ enabled: false, options: { url: 'https://gateway.example.org' }, secrets: {} })
    tried = { ok: false, words: '短信没有接受：短信余额不足（no_balance）。请核对设置。' }
    button('测试').click()
    await shows('短信余额不足')
    expect(document.querySelector('.message.bad, [role=alert]')?.textContent).toContain('短信余额不足')
  })
})
