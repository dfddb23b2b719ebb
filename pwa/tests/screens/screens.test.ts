// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h, nextTick, shallowRef, type Component } from 'vue'
import { createMemoryHistory, createRouter, RouterView } from 'vue-router'
import type { Me } from '@/core/types'
import { hearBeacon } from '@/platform/clock'
import DispatchScreen from '@/oversight/DispatchScreen.vue'
import SignoffScreen from '@/oversight/SignoffScreen.vue'
import ReplyScreen from '@/replies/ReplyScreen.vue'
import RequestScreen from '@/requests/RequestScreen.vue'
import { items, units } from '@/sync/board'
import DeadlineSheet from '@/tickets/detail/DeadlineSheet.vue'
import PendingNotes from '@/tickets/detail/PendingNotes.vue'
import type { OpenTicket } from '@/tickets/open'
import SignScreen from '@/tickets/sign/SignScreen.vue'
import { newPhone } from '../support/phone'
import { Backend, ticket as row } from '../support/server'
import { at, clock, evidence, NOW, person, policy, reply, ticket } from './fixtures'

const backend = new Backend()
let mounted: VueWrapper | null = null

beforeEach(async () => {
  await backend.start()
  backend.tickets.set('t1', row('t1'))
  // The phone is in a lift: every command stays where the person can see it.
  backend.faults = [{ status: 503, code: 'database_busy', times: Infinity }]
  await newPhone(backend)
  hearBeacon(`${NOW}.mac`)
})
afterEach(async () => {
  mounted?.unmount()
  document.body.innerHTML = ''
  await backend.stop()
})

async function show(screen: Component, view: OpenTicket, me: Me, path = '/t/t1/x') {
  const shown = shallowRef(view)
  const Page = defineComponent(() => () => h(screen as never, { view: shown.value, policy, me } as never))
  const router = createRouter({ history: createMemoryHistory(), routes: [
    { path: '/t/:id/request/:kind', component: Page }, { path: '/t/:id/x', component: Page }, { path: '/:rest(.*)', component: { render: () => null } },
  ] })
  await router.push(path)
  mounted = mount(defineComponent(() => () => h(RouterView)), { global: { plugins: [router] }, attachTo: document.body })
  await flushPromises()
  return { update: async (next: OpenTicket) => { shown.value = next; await nextTick() }, router }
}
const text = () => document.body.textContent ?? ''
const button = (words: string) => [...document.querySelectorAll('button')].find((item) => item.textContent?.includes(words))!
async function tap(words: string) {
  button(words).click()
  await flushPromises()
}
async function until(check: () => boolean) {
  for (let n = 0; n < 100 && !check(); n += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(check()).toBe(true)
}
const kept = () => items.value.map((item) => item.command)

describe('签收', () => {
  const fresh = ticket({ state: 'dispatched', server_state: 'dispatched', signed_at: null, clocks: [clock('sign', 19), clock('return', 19, 'guard')] })

  it('keeps the signature on the phone and says so, never that it is signed', async () => {
    const { update } = await show(SignScreen, fresh, person('liaison'))
    expect(text()).toContain('20 小时，自 11-20 09:14 派单起')
    await tap('签收')
    await until(() => kept().length === 1)
    expect(kept()[0]).toMatchObject({ name: 'ticket.sign', ticket_id: 't1', args: {} })
    await update(ticket({ ...fresh, state: 'handling', state_is_local: true, pending: items.value }))
    expect(text()).toContain('联网后生效')
    expect(text().match(/已在本机签收/g)).toHaveLength(1)
    expect(text()).not.toContain('已签收 ')
    expect(document.querySelector('.message.good'), 'a green tick is for what the server has').toBeNull()
    expect(button('去办理')).toBeDefined()
  })

  it('closes 退回 once its limit has passed, with the clause', async () => {
    await show(SignScreen, { ...fresh, clocks: [clock('sign', -1), clock('return', -1, 'guard')] }, person('liaison'))
    expect(button('退回').disabled).toBe(true)
    expect(text()).toContain('申请退回的时限已过（三(二)）')
    expect(text()).toContain('已超过签收时限')
  })

  it('offers nothing to sign to somebody of another unit', async () => {
    await show(SignScreen, fresh, person('liaison', 'u-other'))
    expect(document.querySelector('.btn.primary')?.textContent).toBe('去办理')
    expect(text()).not.toContain('显示号码')
  })
})

describe('a year without a published calendar', () => {
  it('is told on the page, not only in the sheet behind it', async () => {
    const unsure = { ...clock('sign', 19), provisional: true }
    await show(SignScreen, ticket({ state: 'dispatched', server_state: 'dispatched', signed_at: null, clocks: [unsure] }), person('liaison'))
    expect(text()).toContain('· 暂定')
    mounted?.unmount()
    await show(SignScreen, ticket({ state: 'dispatched', server_state: 'dispatched', signed_at: null, clocks: [clock('sign', 19)] }), person('liaison'))
    expect(text()).not.toContain('暂定')
  })
})

describe('回复', () => {
  const visited = { visits: [{ id: 'v', mode: 'solve', arrived_at: at(-1), left_at: null, met: 'caller', met_name: null, position: null, note: null, by: { id: 'p', name: '李' }, recorded_at: at(-1) }] as never }

  it('lists what is missing as links, refuses empty phrases, and submits only when whole', async () => {
    await show(ReplyScreen, ticket({}, { ...visited, evidence: [evidence('a'), evidence('b', { phase: 'after' })] }), person('liaison'))
    await until(() => text().includes('还差 3 项'))
    const areas = [...document.querySelectorAll('textarea')]
    const type = async (index: number, words: string) => {
      areas[index]!.value = words
      areas[index]!.dispatchEvent(new Event('input'))
      await nextTick()
    }
    await type(0, '属实')
    await type(1, '已办理')
    expect(text()).toContain('“已办理”说不清办了什么')
    await type(1, '已换新灯泡三只，当晚全亮，已告知。')
    expect(text()).toContain('还差 1 项')
    document.querySelector<HTMLInputElement>('#opinion input[value="satisfied"]')!.click()
    await nextTick()
    await tap('提交')
    expect(text()).toContain('分管领导审签 → 工作站审核')
    ;[...document.querySelectorAll<HTMLButtonElement>('.sheet .btn.primary')][0]!.click()
    await until(() => kept().some((command) => command.name === 'reply.submit'))
    const sent = kept().find((command) => command.name === 'reply.submit')!
    expect(sent.args).toMatchObject({ opinion: 'satisfied', evidence_ids: ['a', 'b'], parts: { facts: '属实' } })
  })

  it('starts a redo from what was sent back and warns when nothing was changed', async () => {
    const back = reply(1, { state: 'sent_back', sent_back: { by: { id: 'w', name: '白' }, at: at(-1), reasons: ['处理过程写得不具体'] } })
    await show(ReplyScreen, ticket({ state: 'redo' }, { ...visited, replies: [back], evidence: [evidence('a'), evidence('b', { phase: 'after' })] }), person('liaison'))
    await until(() => document.querySelectorAll('textarea')[2]?.value === back.parts.result)
    expect(text()).toContain('退回原因“处理过程写得不具体”还没有回应')
    await tap('还差 1 项')
    expect(document.querySelector('.sheet')).toBeNull()
    const answer = document.querySelector<HTMLTextAreaElement>('#answer-0 textarea')!
    answer.value = '已补写每一步的时间、人员和做法。'
    answer.dispatchEvent(new Event('input'))
    await nextTick()
    await tap('提交')
    expect(text()).toContain('与上次退回的完全相同')
    ;[...document.querySelectorAll<HTMLButtonElement>('.sheet .btn.primary')][0]!.click()
    await until(() => kept().some((command) => command.name === 'reply.submit'))
    expect(kept().find((command) => command.name === 'reply.submit')!.args.answers).toEqual([{ reason: '处理过程写得不具体', text: '已补写每一步的时间、人员和做法。' }])
  })
})

describe('审签', () => {
  it('binds to the content that was read: a newer version has to be read first', async () => {
    const view = ticket({ state: 'signing' }, { replies: [reply(1)] })
    const { update } = await show(SignoffScreen, view, person('leader'))
    await update(ticket({ state: 'signing' }, { replies: [reply(1, { content_hash: 'd'.repeat(64), parts: { facts: '不属实', result: '' } })] }))
    expect(button('同意').disabled).toBe(true)
    expect(text()).toContain('请重新看过再签')
    expect(text()).not.toContain('不属实')
    await tap('查看新版本')
    expect(text()).toContain('不属实')
    await tap('同意')
    ;[...document.querySelectorAll<HTMLButtonElement>('.sheet .btn.primary')][0]!.click()
    await until(() => kept().length === 1)
    expect(kept()[0]).toMatchObject({ name: 'reply.sign_off', args: { reply_id: 'r1', content_hash: 'd'.repeat(64) } })
  })

  it('shows what changed since it was sent back, and asks for a reason before returning it', async () => {
    const old = reply(1, { parts: { facts: '属实', result: '已更换水泵。' }, state: 'sent_back', sent_back: { by: { id: 'w', name: '白' }, at: at(-1), reasons: ['写明更换了什么'] } })
    await show(SignoffScreen, ticket({ state: 'signing' }, { replies: [old, reply(2, { parts: { facts: '属实', result: '已更换阀门。' } })] }), person('leader'))
    expect(document.querySelector('del')?.textContent).toBe('水泵')
    expect(document.querySelector('ins')?.textContent).toBe('阀门')
    await tap('退回')
    expect(button('请写退回原因').disabled).toBe(true)
    await tap('没有写明处理结果')
    ;[...document.querySelectorAll<HTMLButtonElement>('.sheet .btn.primary')].find((item) => item.textContent?.includes('1 条'))!.click()
    await until(() => kept().length === 1)
    expect(kept()[0]).toMatchObject({ name: 'reply.decline', args: { reply_id: 'r2', reasons: ['没有写明处理结果'] } })
  })
})

describe('申请', () => {
  it('says why an extension cannot be asked any more and offers the way to the station', async () => {
    await show(RequestScreen, ticket({ clocks: [clock('ask_extension', -1, 'guard')] }), person('liaison'), '/t/t1/request/extension')
    expect(text()).toContain('申请时限已过（四(三)）')
    expect(document.querySelector('a[href="/t/t1?tab=talk"]')).not.toBeNull()
    expect(document.querySelector('textarea')).toBeNull()
  })

  it('refuses a new date that is not later than the present one', async () => {
    await show(RequestScreen, ticket({ clocks: [clock('ask_extension', 10, 'guard'), clock('feedback', 34)] }), person('liaison'), '/t/t1/request/extension')
    const date = document.querySelector<HTMLInputElement>('input[type="datetime-local"]')!
    date.value = '2026-11-21T20:00'
    date.dispatchEvent(new Event('input'))
    await nextTick()
    expect(text()).toContain('须晚于现在的feedback 11-21 20:00')
  })
})

describe('派单', () => {
  it('a unit without a liaison needs a second look, which goes with the command', async () => {
    const unit = { id: 'u-village', name: '北滩村', level: 4, parent_id: null, has_liaison: false, liaisons: [], leaders: [], duty: [] }
    units.value = [unit] as never
    await show(DispatchScreen, ticket({ state: 'registered', unit: null }), person('station'))
    document.querySelector<HTMLInputElement>('input[type="radio"]')!.click()
    await nextTick()
    const grounds = document.querySelector<HTMLTextAreaElement>('textarea')!
    grounds.value = '就近'
    grounds.dispatchEvent(new Event('input'))
    await nextTick()
    expect(text()).toContain('该单位没有联络员，请先确认')
    expect(button('派给').disabled).toBe(true)
    document.querySelector<HTMLInputElement>('input[type="checkbox"]')!.click()
    await nextTick()
    await tap('派给')
    await until(() => kept().length === 1)
    expect(kept()[0]).toMatchObject({ name: 'ticket.dispatch', args: { unit_id: 'u-village', grounds: '就近', acknowledge: ['unit_without_liaison'] } })
  })
})

describe('small parts', () => {
  it('a refused command stays with its cause and the way to the outbox', async () => {
    const item = { id: 'c', seq: 1, state: 'refused', cause: null, attempts: 1, not_before: 0, delivered_at: null, command: { name: 'ticket.sign' }, receipt: { message: '工单已改派给供热服务中心。' } } as never
    mounted = mount(PendingNotes, { props: { view: ticket({ refused: [item] }) }, global: { stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
    expect(mounted.text()).toContain('签收 · 被拒绝')
    expect(mounted.text()).toContain('工单已改派给供热服务中心。')
    expect(mounted.text()).toContain('到发件箱处理')
  })

  it('a limit that has passed is told as a fact, a deadline that was missed as late', async () => {
    mounted = mount(DeadlineSheet, { props: { open: true, zone: 'Asia/Shanghai', basis: '', clocks: [clock('return', -2, 'guard'), clock('feedback', -1)] }, attachTo: document.body })
    await nextTick()
    const rows = [...document.querySelectorAll('.deadlines li')].map((item) => item.textContent ?? '')
    expect(rows[0]).toContain('超 1 小时')
    expect(rows[1]).toContain('已过')
    expect(rows[1]).not.toContain('超 ')
  })
})
