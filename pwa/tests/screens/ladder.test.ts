// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { rememberPerson } from '@/platform/person'
import LadderSheet from '@/reminders/LadderSheet.vue'

const ladder = [{ id: 'r1', kind: 'sign_due', state: 'fired', at: '2026-03-02T08:00:00Z', rung: 0, title: '请签收', roles: [],
  told: [{ id: 'p1', name: '张三', acknowledged_at: null }, { id: 'p2', name: '李四', acknowledged_at: '2026-03-02T08:05:00Z' }] }]
const way = (id: string, person: string, over: Record<string, unknown> = {}) => ({
  id, reminder_id: 'r1', person_id: person, person, to: person, to_group: false, channel_label: '微信公众号', title: '请签收',
  state: 'delivered', came: '已送达', asked_at: '2026-03-02T08:00:00Z', ...over })
const sent = [
  way('d1', 'p1', { state: 'failed', came: '未送达：对方未关注公众号' }), way('d2', 'p2', { channel_label: '短信' }),
  way('d3', 'p1', { to: '路灯群（群）', to_group: true }), way('d4', 'p1', { reminder_id: null, title: '诉求人补充了材料', to: '张三' }),
  way('d5', 'p2', { reminder_id: null, title: '诉求人补充了材料', to: '李四' }),
]

/** A server that knows the person, has the ladder, and of what was sent what `deliveries` answers. */
function serve(deliveries: () => Response): void {
  ;(window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL('http://localhost/')
  rememberPerson('p0')
  vi.stubGlobal('fetch', (asked: Request | string) => {
    const url = typeof asked === 'string' ? asked : asked.url
    if (url.endsWith('/refresh')) return Promise.resolve(Response.json({ access_token: 'a', expires_in: 900, me: { id: 'p0' } }))
    return Promise.resolve(url.includes('/deliveries/') ? deliveries() : Response.json({ now: '2026-03-02T09:00:00Z', reminders: ladder }))
  })
}
async function sheet(): Promise<HTMLElement> {
  mount(LadderSheet, { props: { ticketId: 't1', zone: 'Asia/Shanghai', open: true }, attachTo: document.body })
  await vi.waitFor(async () => { await flushPromises(); if (!document.body.textContent?.includes('张三')) throw new Error(document.body.textContent ?? '') })
  await flushPromises()
  return document.body
}
afterEach(() => { document.body.innerHTML = ''; vi.unstubAllGlobals() })

describe('the ladder of a ticket', () => {
  it('says under each person by which way it went and what came of it', async () => {
    serve(() => Response.json({ deliveries: sent, before: null }))
    const body = await sheet()
    const ways = [...body.querySelectorAll('.way')].map((line) => line.textContent)
    expect(ways).toEqual(['微信公众号 未送达：对方未关注公众号', '短信 已送达'])
    expect(body.querySelector('.way .bad')?.textContent).toBe('未送达：对方未关注公众号')
    expect(body.textContent).toContain('路灯群（群） 已送达')
    expect(body.textContent?.match(/诉求人补充了材料/g)).toHaveLength(1)
    expect(body.textContent).toContain('李四 · 微信公众号 已送达')
  })

  it('asks again when the next step is due, and shows who was told then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const later = { id: 'r2', kind: 'sign_due', rung: 1, title: '尚无人查看', roles: ['其他联络员'], at: '2026-03-02T09:00:12Z' }
    ladder.push({ ...later, state: 'planned', title: null, told: [] } as never)
    serve(() => Response.json({ deliveries: [], before: null }))
    mount(LadderSheet, { props: { ticketId: 't1', zone: 'Asia/Shanghai', open: true }, attachTo: document.body })
    await vi.waitFor(() => { if (!document.body.textContent?.includes('其他联络员')) throw new Error('not yet') })
    ladder[1] = { ...later, state: 'fired', told: [{ id: 'p3', name: '王五', acknowledged_at: null }] } as never
    await vi.advanceTimersByTimeAsync(12_000)
    expect(document.body.textContent).not.toContain('王五')
    await vi.advanceTimersByTimeAsync(5_000)
    await vi.waitFor(() => { if (!document.body.textContent?.includes('王五')) throw new Error('not yet') })
    ladder.pop()
    vi.useRealTimers()
  })

  it('stands without that when it cannot be asked', async () => {
    serve(() => Response.json({ code: 'internal' }, { status: 500 }))
    const body = await sheet()
    expect(body.textContent).toContain('请签收')
    expect(body.querySelectorAll('.way')).toHaveLength(0)
    expect(body.querySelector('[role=alert]')).toBeNull()
  })
})
