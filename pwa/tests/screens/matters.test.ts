// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { nextTick, reactive } from 'vue'
import { describe, expect, it } from 'vitest'
import { allowed } from '@/core/allowed'
import type { Me, Policy, RowView } from '@/core/types'
import { asksUntil, dateWrong, lacking } from '@/requests/askable'
import { optionOf, ownOptions, requestOptions } from '@/requests/options'
import { turnsOf } from '@/requests/turn'
import type { RequestWords } from '@/requests/useRequestForm'
import MoreFields from '@/replies/MoreFields.vue'
import type { ReplyForm } from '@/replies/useReplyForm'
import { signerOf } from '@/replies/signer'
import { me as self, policies } from '@/sync/board'
import '@/tickets/rowMarks'
import { rowWords } from '@/tickets/rowWords'
import { nextAction } from '@/tickets/detail/next'
import { at, evidence, NOW, person, policy, reply, request, ticket } from './fixtures'

const cited = { cite: '四(九)', assumed: false }
const base = policy.requests[0]!
const order = {
  ...base, kind: 'supervision', label: '督办单', clock: null, effect: 'none', proposed_unit: false, asked_by: ['supervisor'], from: ['handling', 'closed'],
  stages: [
    { key: 'unit', label: '承办部门反馈', roles: ['liaison'], act: 'answer', ...cited }, { key: 'supervisor', label: '核实', roles: ['supervisor'], act: 'decide', ...cited },
  ],
} as Policy['requests'][number]
const rest = {
  ...base, kind: 'suspension', label: '挂单', clock: null, effect: 'suspend', proposed_unit: false, least_days: 90, grounds: [{ key: 'long', label: '周期长', ...cited }],
  fields: [{ key: 'measures', label: '工作安排', hint: '', format: 'text', required: true, ...cited }],
  materials: { min: 2, label: '材料', hint: '', phases: ['before'], ...cited },
} as Policy['requests'][number]
const any = ['liaison', 'reviewer', 'leader', 'chief', 'station', 'supervisor']
const wide = {
  ...policy, requests: [...policy.requests, order, rest],
  transitions: [
    ...policy.transitions, { command: 'request.answer', label: '', from: ['handling', 'closed'], to: null, roles: any },
    { command: 'request.ask', label: '', from: ['handling'], to: null, roles: any }, { command: 'assist.report', label: '', from: ['handling'], to: null, roles: ['liaison'] },
  ].map((row) => (row.command === 'request.decide' ? { ...row, roles: any } : row.command === 'reply.sign_off' ? { ...row, roles: ['reviewer', 'leader', 'chief'] } : row)),
} as Policy
const above = (role: 'leader' | 'chief', principal: { id: string; name: string } | null = null): Me => ({
  ...person(role, 'u-bureau'), roles: [{ ...person(role, 'u-bureau').roles[0]!, below: ['u-river'], acting_for: principal }],
})
const words = (over: Partial<RequestWords> = {}): RequestWords =>
  ({ reason: '', grounds: [], fields: {}, materials: [], unit: null, newDue: '', until: '', ...over })
const said = (kind: string, over = {}) => ({ kind, variant: null, allowed: true, code: null, message: null, until: null, used: 0, most: null, ...over })

describe('who may do what', () => {
  it('a leader reaches down to the units below, a liaison only the own one', () => {
    expect(allowed('reply.sign_off', ticket({ state: 'signing' }), wide, above('chief'))).toBe(true)
    expect(allowed('reply.sign_off', ticket({ state: 'signing' }), wide, person('chief', 'u-other'))).toBe(false)
    expect(allowed('reply.submit', ticket(), wide, { ...person('liaison', 'u-bureau'), roles: [{ ...person('liaison', 'u-bureau').roles[0]!, below: ['u-river'] }] })).toBe(false)
  })

  it('a helping unit reports, and does nothing that is the lead’s', () => {
    const helper = person('liaison', 'u-water')
    const view = ticket({}, { assists: [{ id: 'a', unit: { id: 'u-water', name: '水务' }, ended_at: null, reported_at: null } as never] })
    expect(allowed('assist.report', view, wide, helper)).toBe(true)
    expect(allowed('reply.submit', view, wide, helper)).toBe(false)
    expect(allowed('assist.report', view, wide, person('liaison'))).toBe(false)
    expect(nextAction(view, wide, helper)).toEqual({ key: 'assist', to: '/t/t1/assist' })
  })
})

describe('what can be asked', () => {
  it('believes the server, in its own words', () => {
    const view = ticket({}, { askable: [said('return', { allowed: false, code: 'return_binding', message: '联合定责，不能退回。' })] })
    expect(optionOf(requestOptions(view, wide, NOW), 'return')).toMatchObject({ closed: 'refused', message: '联合定责，不能退回。', lacksRecord: false })
  })

  it('lets a record that is still on this phone open what it asks for, and time close what was open', () => {
    const refused = said('return', { allowed: false, code: 'request_not_verified', message: '须先核实。' })
    expect(optionOf(requestOptions(ticket({}, { askable: [refused] }), wide, NOW), 'return')).toMatchObject({ closed: 'refused', lacksRecord: true })
    const waiting = { command: { name: 'contact.record', args: {} } } as never
    expect(optionOf(requestOptions(ticket({ pending: [waiting] }, { askable: [refused] }), wide, NOW), 'return')?.closed).toBeNull()
    const open = ticket({}, { askable: [said('return', { until: at(1) })] })
    expect(optionOf(requestOptions(open, wide, NOW + 3_600_000), 'return')?.closed).toBeNull()
    expect(optionOf(requestOptions(open, wide, NOW + 3_600_001), 'return')?.closed).toBe('late')
  })

  it('offers only kinds that are this role’s to ask', () => {
    const kinds = (me: Me) => ownOptions(ticket(), wide, me, NOW).map((item) => item.policy.kind)
    expect(kinds(person('liaison'))).toEqual(['return', 'extension', 'suspension'])
    expect(kinds(person('supervisor'))).toEqual(['supervision'])
  })

  it('names what is missing, one thing after the other', () => {
    const view = ticket({}, { evidence: [evidence('a'), evidence('b', { phase: 'after' }), evidence('c', { phase: 'after' })] })
    const [before, after, other] = view.detail.evidence
    const long = '该路段属于国家重大项目施工范围，建设周期长。'
    expect(lacking(rest, words(), [], undefined)).toBe('请至少勾选一项情形')
    expect(lacking(rest, words({ grounds: ['long'] }), [], undefined)).toContain('还差 15 字')
    expect(lacking(rest, words({ grounds: ['long'], reason: long }), [], undefined)).toBe('请填写“工作安排”')
    const whole = words({ grounds: ['long'], reason: long, fields: { measures: '每月查看' } })
    expect(lacking(rest, whole, [before!], undefined)).toBe('材料还差 1 份')
    expect(lacking(rest, whole, [after!, other!], undefined)).toBe('材料里还缺办理前的照片')
    expect(lacking(rest, whole, [before!, after!], undefined)).toBeNull()
  })

  it('a rest is at least as long as the clause says', () => {
    expect([asksUntil(rest), asksUntil(order), asksUntil(base)]).toEqual([true, true, false])
    expect(dateWrong(rest, words({ until: '2026-12-20T10:00' }), ticket(), wide, NOW)).toBe('挂单须在 90 天以上')
    expect(dateWrong(rest, words({ until: '2027-03-20T10:00' }), ticket(), wide, NOW)).toBeUndefined()
  })
})

describe('whose turn it is', () => {
  const open = (over = {}) => ticket({}, { requests: [{ ...request('supervision', 'unit'), by: { id: 's', name: '督查' }, ...over }] })

  it('the unit answers the order, then the supervisor judges the answer but never an own one', () => {
    expect(turnsOf(open(), wide, person('liaison')).map((turn) => turn.stage.key)).toEqual(['unit'])
    expect(turnsOf(open(), wide, person('supervisor'))).toEqual([])
    const answered = open({ state: 'supervisor', decisions: [{ decision: 'answer', by: { id: 'p-li', name: '李' } }] })
    expect(turnsOf(answered, wide, person('supervisor')).map((turn) => turn.own)).toEqual([true])
    expect(turnsOf(answered, wide, { ...person('supervisor'), id: 'other' }).map((turn) => turn.own)).toEqual([false])
  })

  it('an answer that waits in the outbox is not asked for twice', () => {
    const sent = { command: { name: 'request.answer', args: { request_id: 'q-supervision' } } } as never
    expect(turnsOf({ ...open(), pending: [sent] }, wide, person('liaison'))).toEqual([])
  })
})

describe('whose signature', () => {
  const chain = (roles: string[]) => ({ steps: [{ roles, label: '', cite: '', state: 'now', by: null, acting_for: null, at: null }], holder: null, since: at(0) })
  const signing = (roles: string[], over = {}) => ticket({ state: 'signing' }, { replies: [reply(1, over)], chain: chain(roles) as never })

  it('is that of the step whose turn it is, in whose stead included', () => {
    expect(signerOf(signing(['leader']), above('chief'))).toBeNull()
    expect(signerOf(signing(['leader', 'chief']), above('chief'))).toMatchObject({ barred: null })
    expect(signerOf(signing(['chief']), above('chief', { id: 'boss', name: '王' }))?.grant.acting_for?.name).toBe('王')
  })

  it('nobody signs their own reply, not even in somebody’s stead, and nobody twice', () => {
    expect(signerOf(signing(['chief'], { by: { id: 'p-li', name: '李' } }), above('chief'))?.barred).toBe('own')
    expect(signerOf(signing(['chief'], { by: { id: 'boss', name: '王' } }), above('chief', { id: 'boss', name: '王' }))?.barred).toBe('own')
    expect(signerOf(signing(['chief'], { signatures: [{ by: { id: 'p-li', name: '李' }, acting_for: null }] }), above('chief'))?.barred).toBe('signed')
    expect(nextAction(signing(['leader']), wide, above('chief')).key).toBe('wait')
  })
})

describe('办结方式', () => {
  it('what does not fit the caller’s opinion cannot be chosen, and a finish brings its own fields', async () => {
    const rules = {
      ...wide, roles: { chief: '旗局主要领导' }, reply: {
        ...policy.reply, finishes: [
          { key: 'ok', label: '反映人满意', hint: '', form: null, opinions: ['satisfied'], needs: [], signers: [], ...cited },
          { key: 'bad', label: '不满意（不合理）', hint: '', form: '终审表', opinions: ['dissatisfied'], needs: ['statement'], signers: ['chief'], ...cited },
        ],
      },
    } as unknown as Policy
    const form = reactive<ReplyForm>({ parts: {}, opinion: 'dissatisfied', excluded: [], fields: {}, finish: null, commitment: null, basis: '', statement: '', answers: [] })
    const shown = mount(MoreFields, { props: { policy: rules, findings: [], form } })
    expect(shown.findAll('input[type="radio"]').map((item) => item.attributes('disabled') !== undefined)).toEqual([true, false])
    expect(shown.find('textarea').exists()).toBe(false)
    form.finish = 'bad'
    await nextTick()
    expect(shown.text()).toContain('《终审表》')
    expect(shown.text()).toContain('还须旗局主要领导签字')
    await shown.find('textarea').setValue('两次核实，无政策依据。')
    expect(form.statement).toBe('两次核实，无政策依据。')
  })
})

describe('a row of the list', () => {
  it('says that the own unit only helps, that an order is open, and how it was closed', () => {
    policies.value = [wide]
    self.value = person('liaison', 'u-water')
    const chips = (over: Partial<RowView>) => rowWords.value!({ ...ticket(), closed_how: null, due_at: null, due_label: '', ...over } as RowView).chips.map((chip) => chip.text)
    expect(chips({ open_requests: ['supervision'] })).toEqual(['协办', '督办单'])
    self.value = person('liaison')
    expect(chips({ open_requests: ['supervision', 'return'] })).toEqual(['督办单', '申请在审'])
    expect(chips({ closed_how: 'filed' })).toEqual(['已备案'])
    expect(chips({ closed_how: 'accepted' })).toEqual([])
  })
})
