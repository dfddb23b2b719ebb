// @vitest-environment happy-dom
import { flushPromises, mount, RouterLinkStub } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import DaySheet from '@/people/roster/DaySheet.vue'
import MonthGrid from '@/people/roster/MonthGrid.vue'
import SwapList from '@/people/roster/SwapList.vue'
import { arranged, type Day, type Month, type Swap } from '@/people/roster/month'

const ME = { id: 'me', name: '甲' }
const B = { id: 'b', name: '乙' }
function day(n: number, more: Partial<Day> = {}): Day {
  const at = `2026-12-${String(n).padStart(2, '0')}`
  return { day: at, rests: false, holiday: null, made_up: false, provisional: false, over: n < 9, first: [ME], second: [B], how: 'planned', part: false, planned: [{ rank: 'A', ...ME }, { rank: 'B', ...B }], away: [], ...more } as Day
}
const month: Month = {
  unit: { id: 'u', name: '单位' }, month: '2026-12', today: '2026-12-09', may: { plan: false, swap: true, set: true },
  people: [{ ...ME, phone: '13800000001', rank: 'A' }, { ...B, phone: '13800000002', rank: 'B' }], leaves: [], swaps: [],
  days: [...Array.from({ length: 9 }, (_, n) => day(n + 1)), day(10, { how: 'nobody', first: [], away: [ME, B] }), day(11, { how: 'role', planned: [], holiday: '元旦', rests: true }), day(12, { first: [B], how: 'stand_in', away: [ME] })],
} as Month
const asked = { id: 's1', unit: { id: 'u', name: '单位' }, asker: B, colleague: ME, day: '2026-12-14', return_day: null, note: '开会', state: 'asked', state_name: '待答复', late: false, answer: '', asked_at: '', settled_at: null } as Swap
const sheet = (more: Partial<Month>, of: Day) => mount(DaySheet, { props: { month: { ...month, ...more }, day: of, me: 'me', zone: 'Asia/Shanghai' }, attachTo: document.body })
const buttons = () => [...document.querySelectorAll('.sheet-foot button')].map((one) => one.textContent?.trim())
afterEach(() => { document.body.innerHTML = '' })

describe('the month on a phone', () => {
  it('folds away weeks that are over and says of each day in words what its colours say', async () => {
    const grid = mount(MonthGrid, { props: { month, me: 'me' }, attachTo: document.body })
    const said = () => grid.findAll('.roster-day').map((cell) => cell.find('.sr').text())
    expect(said()).toHaveLength(6)
    expect(said()[2]).toBe('12 月 9 日 周三，今天，A 角 甲，B 角 乙，我值 A 角')
    expect(said()[3]).toContain('无人在岗')
    expect(said()[4]).toBe('12 月 11 日 周五，元旦，休息日，A 角 甲，B 角 乙，未排')
    expect(said()[5]).toContain('顶班')
    expect(grid.findAll('.roster-day').map((cell) => cell.find('.roster-a').text())).toEqual(['我', '我', '我', '无人', '我', '乙'])
    await grid.find('.roster-past').trigger('click')
    expect(said()).toHaveLength(12)
  })

  it('offers of a day only what one may do', async () => {
    sheet({}, day(14))
    expect(buttons()).toEqual(['请假', '申请换班'])
    document.body.innerHTML = ''
    sheet({ may: { plan: true, swap: false, set: true } }, day(14))
    expect(buttons()).toEqual(['安排值班'])
    document.body.innerHTML = ''
    sheet({}, month.days[0]!)
    expect(buttons()).toEqual([])
    document.body.innerHTML = ''
    sheet({}, month.days[11]!)
    expect(document.body.textContent).toContain('甲请假，由乙顶班')
    expect(buttons()).not.toContain('请假')
  })

  it('changes both places of a day in one command of who plans, a single one by itself', () => {
    const hours = { from: 'f', until: 'u' }
    const of = (plan: boolean, before: [string, string], wanted: [string, string]) =>
      arranged({ ...month, may: { ...month.may, plan } }, '2026-12-14', { A: before[0], B: before[1] }, { A: wanted[0], B: wanted[1] }, hours, () => 'new')
    expect(of(true, ['me', 'b'], ['b', 'me'])).toEqual([{ name: 'duty.plan', args: { unit_id: 'u', replace: true, days: [{ day: '2026-12-14', a: 'b', b: 'me' }] } }])
    expect(of(true, ['me', 'b'], ['', ''])[0]!.args).toMatchObject({ days: [{ day: '2026-12-14', a: null, b: null }] })
    expect(of(true, ['me', 'b'], ['me', ''])).toEqual([{ name: 'duty.clear', args: { unit_id: 'u', rank: 'B', ...hours } }])
    expect(of(false, ['', ''], ['me', 'b']).map((one) => [one.name, one.args.rank, one.args.person_id])).toEqual([['duty.set', 'A', 'me'], ['duty.set', 'B', 'b']])
    expect(of(true, ['me', 'b'], ['me', 'b'])).toEqual([])
  })

  it('asks before a turn changes hands, and keeps what is settled apart', async () => {
    const late = { ...asked, id: 's2', late: true }
    const list = mount(SwapList, { props: { swaps: [late, asked], me: 'me' }, attachTo: document.body, global: { stubs: { RouterLink: RouterLinkStub } } })
    expect(list.findAll('.roster-swap')).toHaveLength(1)
    await list.findAll('button').find((one) => one.text() === '同意换班')!.trigger('click')
    await flushPromises()
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain('同意后 12 月 14 日 周一 由您值班。')
    const done = mount(SwapList, { props: { swaps: [late, asked], me: 'me', settled: true } })
    expect(done.text()).toContain('已过期，未答复')
    expect(done.findAll('button')).toHaveLength(0)
  })
})
