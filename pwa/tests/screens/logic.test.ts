import { describe, expect, it } from 'vitest'
import type { DraftContent, OutboxItem } from '@/core/types'
import { likelyPurpose, spokenSince } from '@/fieldwork/purpose'
import { queues } from '@/oversight/queue'
import { replyAndPrevious, warningsOf } from '@/oversight/warnings'
import { optionOf, requestOptions } from '@/requests/options'
import { checklist, chosenEvidence, firstOpen, isSigned } from '@/tickets/detail/checklist'
import { nextAction } from '@/tickets/detail/next'
import { fromField, toField, when } from '@/tickets/when'
import { at, clock, evidence, NOW, person, policy, reply, request, ticket } from './fixtures'

const draft = (over: Partial<DraftContent> = {}): DraftContent => ({ parts: {}, opinion: null, evidence_ids: [], ...over })
const whole = draft({ parts: { facts: '属实', result: '已换新灯泡三只，当晚全亮。' }, opinion: 'satisfied' })
const visit = { id: 'v', mode: 'solve', arrived_at: at(-1), left_at: null, met: 'caller', met_name: null, position: null, note: null, by: { id: 'p', name: '李' }, recorded_at: at(-1) } as const

describe('checklist', () => {
  it('names what a fresh ticket owes, each with the screen that does it', () => {
    const steps = checklist(ticket(), policy, null)
    expect(steps.filter((step) => step.state === 'todo').map((step) => [step.id, step.to])).toEqual([
      ['visit', '/t/t1/field?tab=visit'], ['before', '/t/t1/capture?phase=before'], ['after', '/t/t1/capture?phase=after'],
      ['part:facts', '/t/t1/reply#facts'], ['part:result', '/t/t1/reply#result'], ['opinion', '/t/t1/reply#opinion'], ['submit', '/t/t1/reply'],
    ])
    expect(firstOpen(steps)?.key).toBe('visit')
  })

  it('leaves only submitting when everything is there, and takes pending work of this phone for done', () => {
    const view = ticket({}, { visits: [{ ...visit, pending: true }], evidence: [evidence('a', { pending: true }), evidence('b', { phase: 'after' })] })
    const steps = checklist(view, policy, whole)
    expect(steps.filter((step) => step.state === 'todo').map((step) => [step.key, step.need])).toEqual([['submit', 0]])
    expect(steps.filter((step) => step.pending).map((step) => step.key)).toEqual(['visit', 'before'])
  })

  it('does not count rejected, withdrawn or refused photos', () => {
    const dead = [evidence('a', { state: 'rejected' }), evidence('b', { state: 'withdrawn' }), evidence('c', { upload: 'refused' })]
    const before = checklist(ticket({}, { evidence: dead }), policy, whole).find((step) => step.key === 'before')
    expect([before?.state, before?.have]).toEqual(['todo', 0])
  })

  it('sends everything usable unless the draft left something out', () => {
    const view = ticket({}, { evidence: [evidence('a'), evidence('b'), evidence('c', { state: 'withdrawn' })] })
    expect(chosenEvidence(view, draft())).toEqual(['a', 'b'])
    expect(chosenEvidence(view, draft({ evidence_ids: ['b', 'c'] }))).toEqual(['b'])
  })

  it('leaves out what another unit or the station handed in: the server would refuse the whole answer for it', () => {
    const view = ticket({}, { evidence: [evidence('a', { phase: 'before' }), evidence('b', { phase: 'before', ours: false })] })
    expect(chosenEvidence(view, draft())).toEqual(['a'])
    expect(checklist(ticket({}, { evidence: [evidence('b', { phase: 'before', ours: false })] }), policy, null).find((step) => step.id === 'before')?.state).toBe('todo')
  })

  it('knows a signature that is still on this phone', () => {
    const item = { command: { name: 'ticket.sign' } } as OutboxItem
    expect(isSigned(ticket({ signed_at: null }))).toBe(false)
    expect(isSigned(ticket({ signed_at: null, pending: [item] }))).toBe(true)
  })
})

describe('the big button', () => {
  it('follows the transition table for each role', () => {
    const key = (state: ReturnType<typeof ticket>['state'], role: Parameters<typeof person>[0], open: string[] = []) =>
      nextAction(ticket({ state, open_requests: open }), policy, person(role)).key
    expect(key('dispatched', 'liaison')).toBe('sign')
    expect(key('handling', 'liaison')).toBe('work')
    expect(key('signing', 'leader')).toBe('signoff')
    expect(key('signing', 'liaison')).toBe('wait')
    expect(key('reviewing', 'station')).toBe('review')
    expect(key('handling', 'station')).toBe('wait')
    expect(key('handling', 'station', ['return'])).toBe('decide')
    expect(key('registered', 'station')).toBe('dispatch')
  })
})

describe('requests that can still be asked', () => {
  const view = ticket({ clocks: [clock('return', 1, 'guard'), clock('ask_extension', -1, 'guard')] })

  it('closes at the guard, whose own instant still counts', () => {
    const due = NOW + 3_600_000
    expect(optionOf(requestOptions(view, policy, due), 'return')?.closed).toBeNull()
    expect(optionOf(requestOptions(view, policy, due + 1), 'return')?.closed).toBe('late')
    expect(optionOf(requestOptions(view, policy, NOW), 'extension')?.closed).toBe('late')
  })

  it('says that one is already open before it says anything else', () => {
    const asked = ticket({ clocks: view.clocks }, { requests: [request('extension', 'city'), request('return', 'refused')] })
    expect(optionOf(requestOptions(asked, policy, NOW), 'extension')?.closed).toBe('open')
    expect(optionOf(requestOptions(asked, policy, NOW), 'return')).toMatchObject({ closed: null, used: 1 })
  })

  it('is not offered in a state the policy does not name', () => {
    expect(optionOf(requestOptions(ticket({ state: 'redo', clocks: view.clocks }), policy, NOW), 'return')?.closed).toBe('state')
  })
})

describe('what a signer is warned of', () => {
  it('counts only the evidence the reply names', () => {
    const view = ticket({}, {
      visits: [visit],
      evidence: [evidence('a', { source: 'gallery' }), evidence('b', { position: null }), evidence('c', { state: 'uploading' }), evidence('x', { state: 'rejected' })],
    })
    const codes = warningsOf(view, reply(1, { evidence_ids: ['a', 'b', 'c'] }), policy)
    expect(codes).toEqual([{ code: 'not_arrived', count: 1 }, { code: 'gallery', count: 1 }, { code: 'no_position', count: 1 }])
  })

  it('says when nobody was met or reached, and when the caller is not content', () => {
    expect(warningsOf(ticket(), reply(1, { opinion: 'dissatisfied' }), policy).map((warning) => warning.code)).toEqual(['no_visit', 'no_contact', 'unhappy'])
  })

  it('compares with the last reply that came back, not with the one before', () => {
    const back = { by: { id: 'p', name: '白' }, at: at(0), reasons: ['不具体'] }
    const view = ticket({}, { replies: [reply(1, { sent_back: back }), reply(3), reply(2, { sent_back: back })] })
    const both = replyAndPrevious(view)
    expect([both.reply?.number, both.previous?.number]).toEqual([3, 2])
  })
})

describe('the station desk', () => {
  it('sorts each ticket into the queue where the station has something to do', () => {
    const views = [ticket({ id: 'a', state: 'registered' }), ticket({ id: 'b', state: 'reviewing' }), ticket({ id: 'c', open_requests: ['return'] })]
    const found = queues(views, () => policy, person('station'))
    expect([found.dispatch, found.review, found.requests].map((list) => list.map((view) => view.id))).toEqual([['a'], ['b'], ['c']])
  })
})

describe('times in the jurisdiction zone', () => {
  it('reads a field as the jurisdiction means it, whatever zone the phone is in', () => {
    expect(toField(Date.parse('2026-11-20T16:30:00.000Z'), 'Asia/Shanghai')).toBe('2026-11-21T00:30')
    expect(fromField('2026-11-21T00:30', 'Asia/Shanghai')).toBe(Date.parse('2026-11-20T16:30:00.000Z'))
    expect(fromField('2026-02-31', 'Asia/Shanghai')).toBeNull()
  })

  it('says today and yesterday by the date there', () => {
    const noon = Date.parse('2026-11-20T04:00:00.000Z')
    expect(when('2026-11-19T15:59:00.000Z', 'Asia/Shanghai', noon)).toBe('昨天 23:59')
    expect(when('2026-11-19T16:00:00.000Z', 'Asia/Shanghai', noon)).toBe('今天 00:00')
    expect(when('2025-12-31T04:00:00.000Z', 'Asia/Shanghai', noon)).toBe('2025-12-31 12:00')
  })
})

describe('purpose of the next contact', () => {
  it('is the first until somebody was reached, then about the result once handled', () => {
    expect(likelyPurpose([{ to: 'caller', outcome: 'no_answer' }], true)).toBe('first')
    expect(likelyPurpose([{ to: 'caller', outcome: 'reached' }], false)).toBe('clarify')
    expect(likelyPurpose([{ to: 'caller', outcome: 'reached' }], true)).toBe('second')
  })
})

describe('whether the caller was spoken to since the last report', () => {
  it('needs a conversation of its own for each report', () => {
    const call = { id: 'c', to: 'caller', outcome: 'reached', recorded_at: at(-2) }
    const view = ticket({}, { contacts: [call, { ...call, id: 'd', outcome: 'no_answer', recorded_at: at(0) }, { ...call, id: 'e', to: 'station', recorded_at: at(0) }] as never })
    expect(spokenSince(view, null)).toBe(true)
    expect(spokenSince(view, at(-1))).toBe(false)
    expect(spokenSince(ticket({}, { visits: [visit] as never }), at(-2))).toBe(true)
  })
})
