// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { OutboxItem, Policy, Unit } from '@/core/types'
import MappingForm from '@/intake/MappingForm.vue'
import type { ImportFile } from '@/intake/api'
import { centreContact, centreSign, consulted } from '@/oversight/centre'
import ChecklistGroup from '@/oversight/ChecklistGroup.vue'
import { kindsOf, prioritiesOf, sourcesOf } from '@/oversight/options'
import { raisable } from '@/oversight/raising'
import { isOpenRequest, stagesOf } from '@/oversight/requestStage'
import { useDispatch } from '@/oversight/useDispatch'
import { units } from '@/sync/board'
import type { OpenTicket } from '@/tickets/open'
import { at, person, policy as plain, request, ticket } from './fixtures'

const cited = { cite: '二(一)', assumed: false }
const option = (key: string, label: string) => ({ key, label, ...cited })
const step = (command: string, from: string[], roles: string[]) => ({ command, label: command, from, to: null, roles })

/** A town whose centre signs and calls first, and that lists its grounds. */
const policy = {
  ...plain,
  centre: { signs: true, contacts_first: true, ...cited },
  dispatch: { grounds: [{ ...option('duty', '职责'), needs_leader: false, joint: false }, { ...option('leader', '领导批示'), needs_leader: true, joint: false }, { ...option('joint', '联合办理'), needs_leader: false, joint: true }], repeat_limit: 3, ...cited },
  direct: [], review: { checklist: [option('whole', '内容完整'), option('form', '格式规范')], callback_before_close: false, ...cited },
  transitions: [...plain.transitions, step('request.ask', ['handling', 'closed'], ['liaison', 'station', 'supervisor'])],
  requests: [...plain.requests, {
    ...plain.requests[0]!, kind: 'supervision', label: '督办单', asked_by: ['supervisor', 'station'],
    stages: [{ ...option('unit', '单位反馈'), roles: ['liaison'], act: 'answer' }, { ...option('supervisor', '核实'), roles: ['supervisor'], act: 'decide' }],
  }],
} as unknown as Policy

const pending = (name: string, args: Record<string, unknown> = {}) => ({ command: { name, args } }) as unknown as OutboxItem
const open = (over: Partial<OpenTicket> = {}, detail: Partial<OpenTicket['detail']> = {}): OpenTicket => ticket(
  { state: 'registered', unit: null, assigned_count: 0, ...over },
  { centre_signed_at: null, consultations: [], assists: [], assignments: [], timeline: [], askable: [], ...detail })
const unit = (id: string, has_liaison = true) => ({ id, name: `${id}局`, has_liaison, liaisons: [], leaders: [], duty: [], level: 1, parent_id: null }) as unknown as Unit

// No network: what a form asks the server for does not come.
beforeEach(() => { vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network'))); units.value = [unit('u-road'), unit('u-water'), unit('u-bare', false)] })

describe('what the station does before a unit has the ticket', () => {
  it('is owed until it is on record; work of this phone counts', () => {
    expect(centreSign(open(), policy)).toMatchObject({ asked: true, done: false })
    expect(centreSign(open({ pending: [pending('ticket.centre_sign')] }), policy)).toMatchObject({ done: true, pending: true })
    expect(centreSign(open({}, { centre_signed_at: at(-1) }), policy)).toMatchObject({ done: true, pending: false })
  })

  it('is the station\'s own contact, not that of a unit', () => {
    const event = (role: string) => ({ name: 'contact.recorded', role, at: at(-1) }) as OpenTicket['detail']['timeline'][number]
    expect(centreContact(open({}, { timeline: [event('liaison')] }), policy).done).toBe(false)
    expect(centreContact(open({}, { timeline: [event('station')] }), policy).done).toBe(true)
  })

  it('takes a consultation that is still in the outbox', () => {
    const args = { consultation_id: 'c1', kind: 'joint_duty', lead_unit_id: 'u-road', agreed: true }
    expect(consulted(open({ pending: [pending('consultation.record', args)] }))).toEqual([
      { id: 'c1', kind: 'joint_duty', lead: 'u-road', coUnits: [], agreed: true, namedBy: null, pending: true }])
  })
})

describe('a dispatch', () => {
  const done = open({}, { centre_signed_at: at(-1), timeline: [{ name: 'contact.recorded', role: 'station', at: at(-1) }] as never })

  it('names the next thing that is missing, in the order of the work', () => {
    const made = (view: OpenTicket) => useDispatch({ view, policy, me: person('station') })
    expect(made(open()).blocked.value).toBe('请先做中心签收')
    expect(made(open({}, { centre_signed_at: at(-1) })).blocked.value).toBe('请先联系诉求人并登记')
    const { form, blocked } = made(done)
    expect(blocked.value).toBe('请选承办单位')
    form.unitId = 'u-road'
    expect(blocked.value).toBe('请选派单依据')
    form.ground = 'leader'
    expect(blocked.value).toBe('请写明批示的领导')
    form.instructedBy = '王县长'
    expect(blocked.value).toBeNull()
    form.ground = 'joint'
    expect(blocked.value).toBe('请选协办单位')
  })

  it('to a unit without a liaison, lead or helping, is a second look', () => {
    const { form, blocked, args } = useDispatch({ view: done, policy, me: person('station') })
    Object.assign(form, { unitId: 'u-road', ground: 'joint', coUnits: ['u-bare'] })
    expect(blocked.value).toContain('请先确认')
    form.accepted = true
    expect(blocked.value).toBeNull()
    expect(args.value).toMatchObject({ unit_id: 'u-road', ground: 'joint', co_units: ['u-bare'], acknowledge: ['unit_without_liaison'] })
  })

  it('by a consultation goes to the unit it came to', async () => {
    const row = { id: 'c1', kind: 'joint_duty', lead: { id: 'u-water', name: '' }, co_units: [{ id: 'u-road', name: '' }], agreed: true, named_by: null }
    const { form, args } = useDispatch({ view: { ...done, detail: { ...done.detail, consultations: [row] as never } }, policy, me: person('station') })
    form.consultation = 'c1'
    await flushPromises()
    expect(args.value).toMatchObject({ unit_id: 'u-water', co_units: ['u-road'], consultation_id: 'c1' })
  })
})

describe('a request on its way', () => {
  it('is behind, at and before its stages', () => {
    const row = { ...request('supervision', 'supervisor' as never), decisions: [] }
    expect(stagesOf(policy, row).map((item) => item.state)).toEqual(['done', 'now'])
    expect(isOpenRequest(policy, row)).toBe(true)
  })

  it('ends where it was refused', () => {
    const row = { ...request('supervision', 'refused' as never), decisions: [{ stage: 'unit', decision: 'answer' }, { stage: 'supervisor', decision: 'refuse' }] as never }
    expect(stagesOf(policy, row).map((item) => item.state)).toEqual(['done', 'refused'])
    expect(isOpenRequest(policy, row)).toBe(false)
  })

  it('of those the station raises itself says why it cannot be now', () => {
    const askable = [{ kind: 'supervision', variant: null, allowed: false, message: '已有一份', code: 'x', until: null, used: 1, most: null }]
    const view = open({ state: 'handling', unit: { id: 'u-river', name: '' } }, { askable })
    expect(raisable(view, policy, person('station'))).toEqual([{ kind: 'supervision', label: '督办单', cite: expect.any(String), possible: false, why: '已有一份' }])
    expect(raisable(view, policy, person('liaison'))).toEqual([])
  })
})

describe('choices', () => {
  it('are the place\'s own where its notice lists them, and keep what stands there', () => {
    expect(kindsOf({ ...policy, kinds: [option('officer', '反映民辅警')] }, 'help').map((item) => item.key)).toEqual(['help', 'officer'])
    expect(kindsOf({ ...policy, kinds: [] }).map((item) => item.label)).toContain('投诉')
    expect(sourcesOf({ ...policy, sources: [] }, '12345')).toEqual([])
    expect(prioritiesOf({ ...policy, priorities: [option('urgent', '紧急件'), option('normal', '普通件')] })[0]?.key).toBe('normal')
  })
})

describe('the checklist', () => {
  it('counts what was looked at', async () => {
    const seen = vi.fn()
    const page = mount(ChecklistGroup, { props: { policy, modelValue: ['whole'], 'onUpdate:modelValue': seen } })
    expect(page.text()).toContain('已核对 1 / 2 项')
    await page.get('label:last-of-type input').trigger('change')
    expect(seen).toHaveBeenCalledWith(['whole', 'form'])
  })
})

describe('what the columns of a file mean', () => {
  const field = (key: string, label: string, required = true, choices: { key: string; label: string }[] = []) => ({ key, label, required, choices })
  const file = {
    id: 'f1', state: 'preview', header_row: 2, remembered: false, defaults: {}, meanings: {}, counts: {},
    columns: [{ index: 0, name: '编号', field: 'number', label: '' }, { index: 1, name: '内容', field: null, label: null }],
    fields: [field('number', '工单编号'), field('content', '诉求内容'), field('kind', '诉求类型', true, [{ key: 'help', label: '求助' }])],
  } as unknown as ImportFile

  it('must give every field that a ticket needs, by a column or for the whole file', async () => {
    const page = mount(MappingForm, { props: { file, busy: false, closable: true } })
    expect(page.text()).toContain('还没有对应的列：诉求内容、诉求类型')
    const select = (label: string) => page.findAll('.pick-row').find((row) => row.get('label').text() === label)!.get('select')
    await select('诉求内容 *').setValue('1')
    await select('整份表格的诉求类型都是').setValue('help')
    await page.get('.btn.primary').trigger('click')
    expect(page.emitted('save')?.[0]).toEqual([{ header_row: 2, columns: { number: 0, content: 1 }, defaults: { kind: 'help' }, meanings: {} }])
  })

  it('takes a column once', async () => {
    const page = mount(MappingForm, { props: { file, busy: false, closable: true } })
    const rows = page.findAll('.pick-row')
    await rows[1]!.get('select').setValue('0')
    await rows.find((row) => row.get('label').text().includes('整份表格'))!.get('select').setValue('help')
    expect(page.text()).toContain('同一列不能对应两项')
  })
})
