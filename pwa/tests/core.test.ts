import { describe, expect, it } from 'vitest'
import { allowed, guards } from '@/core/allowed'
import { buildCommand, newId } from '@/core/command'
import { countdown, nextClock } from '@/core/countdown'
import { byUrgency, segmentOf } from '@/core/lifecycle'
import { evidenceLabel, labelOf, verbOf } from '@/core/outcome'
import { overlay } from '@/core/overlay'
import { stateAfter } from '@/core/overlayRow'
import { rowOf } from '@/sync/rows'
import { anchorAt, beaconTime, restore, serverTime, toStore } from '@/core/serverClock'
import type { Clock, EvidenceView, Me, OutboxItem, Policy, Receipt, TicketDetail, TicketView } from '@/core/types'
import { ticket } from './support/server'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const AT = Date.parse('2026-11-20T01:14:00.000Z')

const policy = {
  id: 'dalad@1',
  transitions: [
    { command: 'ticket.sign', label: '签收', from: ['dispatched'], to: 'handling', roles: ['liaison'] },
    { command: 'reply.submit', label: '提交', from: ['handling', 'redo'], to: 'signing', roles: ['liaison'] },
    { command: 'thread.post', label: '留言', from: ['handling'], to: null, roles: ['liaison', 'station'] },
    { command: 'ticket.dispatch', label: '派单', from: ['registered'], to: 'dispatched', roles: ['station'] },
  ],
} as unknown as Policy

let seq = 0
function item(name: string, args: Record<string, unknown> = {}, over: Partial<OutboxItem> = {}): OutboxItem {
  seq += 1
  const command = buildCommand(name, 't1', args, { now: AT, beacon: null })
  return { seq, id: command.id, command, about: null, state: 'waiting', attempts: 0, not_before: 0, cause: null, receipt: null, delivered_at: null, ...over }
}
const detail = (over: Partial<TicketDetail> = {}): TicketDetail => ({
  content: '', category: null, caller: { name: '', phone: '', address: '', anonymous: false } as TicketDetail['caller'], contacts: [], visits: [], visit_exceptions: [],
  evidence: [], draft: null, replies: [], requests: [], progress: [], messages: [], reported_to_centre: null, timeline: [], ...over,
})
const clock = (name: string, due: string, kind: Clock['kind'] = 'deadline', over: Partial<Clock> = {}): Clock => ({
  clock: name, label: name, kind, started_at: '', due_at: due, met_at: null, stopped_at: null, provisional: false, derivation: '', cite: '', assumed: false, ...over,
})

describe('ids', () => {
  it('are UUIDv7: time first, version and variant in place, all different', () => {
    const ids = Array.from({ length: 500 }, () => newId(AT))
    expect(new Set(ids).size).toBe(500)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Number.parseInt(ids[0]!.slice(0, 8) + ids[0]!.slice(9, 13), 16)).toBe(AT)
    expect(ids).toEqual([...ids].sort())
    expect(newId(AT) < newId(AT + 1)).toBe(true)
    expect(newId(AT - DAY) < newId(AT)).toBe(true)
  })
})

describe('countdown', () => {
  it.each([
    [3 * HOUR + 12 * 60_000, '剩 3 小时 12 分', 'ok'],
    [3 * HOUR, '剩 3 小时', 'ok'],
    [3 * HOUR - 1, '剩 2 小时 59 分', 'soon'],
    [2 * DAY + 3 * HOUR, '剩 2 天 3 小时', 'ok'],
    [2 * DAY + 59_000, '剩 2 天', 'ok'],
    [59_999, '剩 不到 1 分', 'soon'],
    [0, '剩 不到 1 分', 'soon'],
    [-1, '超 不到 1 分', 'late'],
    [-40 * 60_000, '超 40 分', 'late'],
    [-25 * HOUR, '超 1 天 1 小时', 'late'],
  ])('%i ms', (left, text, level) => expect(countdown(AT + left, AT)).toEqual({ text, level }))

  it('chases the next running deadline or target, never a guard or a met one', () => {
    const clocks = [
      clock('ask', '2026-11-20T02:00:00.000Z', 'guard'), clock('sign', '2026-11-20T03:00:00.000Z', 'deadline', { met_at: 'x' }),
      clock('late', '2026-11-22T03:00:00.000Z'), clock('upload', '2026-11-21T03:00:00.000Z', 'target'), clock('stop', '2026-11-20T03:00:00.000Z', 'deadline', { stopped_at: 'x' }),
    ]
    expect(nextClock(clocks)!.clock).toBe('upload')
    expect(nextClock([])).toBeNull()
  })
})

describe('the phone\'s clock', () => {
  const wall = AT - 400 * DAY

  it('is irrelevant while the page runs, whatever it is moved to', () => {
    const anchor = anchorAt(AT, { wall, mono: 1_000 })
    expect(serverTime(anchor, { wall: wall + HOUR, mono: 1_000 + HOUR })).toBe(AT + HOUR)
    expect(serverTime(anchor, { wall: wall + 800 * DAY, mono: 1_000 + HOUR })).toBe(AT + HOUR)
    expect(serverTime(anchor, { wall: wall - 800 * DAY, mono: 1_000 + HOUR })).toBe(AT + HOUR)
  })

  it('tells how long the phone slept, when the monotonic clock stood still', () => {
    const anchor = anchorAt(AT, { wall, mono: 0 })
    expect(serverTime(anchor, { wall: wall + 8 * HOUR, mono: 60_000 })).toBe(AT + 8 * HOUR)
  })

  it.each([400 * DAY, -400 * DAY])('survives a restart when it is wrong by %i', (off) => {
    const kept = toStore(anchorAt(AT, { wall: AT + off, mono: 5 }))
    expect(serverTime(restore(kept, { wall: AT + off + HOUR, mono: 0 }), { wall: AT + off + HOUR, mono: 0 })).toBe(AT + HOUR)
  })

  it('never runs back behind an instant the server has named', () => {
    const kept = toStore(anchorAt(AT, { wall: AT, mono: 5 }))
    expect(restore(kept, { wall: AT - 400 * DAY, mono: 0 }).server).toBe(AT)
  })

  it('reads beacons and nothing else', () => {
    expect(beaconTime(`${AT}.abc`)).toBe(AT)
    expect(beaconTime('x.abc')).toBeNull()
  })
})

describe('overlay', () => {
  it('shows what was done here, marked, and what the server said beside it', () => {
    const view = overlay(ticket('t1', { detail: detail() }), [
      item('thread.post', { message_id: 'm1', text: '二' }), item('ticket.sign'),
      item('visit.record', { visit_id: 'v1', mode: 'solve', arrived_at: 'x', met: 'caller' }),
      item('contact.record', { contact_id: 'c1', purpose: 'first' }), item('progress.report', { progress_id: 'p1', text: '三', caller_told: true }),
      item('request.extend', { request_id: 'r1', reason: '因', new_due_at: 'y' }),
      item('reply.submit', { reply_id: 'y1', parts: { result: '好' }, opinion: 'satisfied', evidence_ids: ['e'] }),
    ], policy)
    expect(view).toMatchObject({ state: 'signing', server_state: 'dispatched', state_is_local: true })
    expect(view.pending).toHaveLength(7)
    const d = view.detail!
    expect([d.messages[0], d.visits[0], d.contacts[0], d.progress[0], d.requests[0], d.replies[0]].every((x) => x!.pending === true)).toBe(true)
    expect(d.requests[0]).toMatchObject({ id: 'r1', kind: 'extension', new_due_at: 'y', state: 'asked' })
    expect(d.replies[0]).toMatchObject({ id: 'y1', number: 1, parts: { result: '好' } })
  })

  it('a refused command has no effect and stays beside; a delivered one is in the snapshot', () => {
    const view = overlay(ticket('t1', { detail: detail() }), [item('ticket.sign', {}, { state: 'refused' }), item('thread.post', { message_id: 'm' }, { state: 'delivered' })], policy)
    expect(view).toMatchObject({ state: 'dispatched', state_is_local: false })
    expect(view.refused).toHaveLength(1)
    expect(view.detail!.messages).toEqual([])
  })

  it('never doubles what the server already knows', () => {
    const known = { id: 'm1', text: '二', by: { id: 'a', name: '甲' }, role: 'liaison', at: 'x' }
    const view = overlay(ticket('t1', { detail: detail({ messages: [known] }) }), [item('thread.post', { message_id: 'm1', text: '二' })], policy)
    expect(view.detail!.messages).toEqual([known])
  })

  it('leaves the snapshot as it was', () => {
    const snapshot = ticket('t1', { detail: detail() })
    const before = JSON.stringify(snapshot)
    overlay(snapshot, [item('ticket.sign'), item('thread.post', { message_id: 'm1', text: '二' }), item('evidence.declare', { evidence_id: 'e1' })], policy)
    expect(JSON.stringify(snapshot)).toBe(before)
  })

  it('takes evidence from the declaration and its travel from the upload', () => {
    const upload = { evidence_id: 'e1', ticket_id: 't1', sha256: 'h', size: 200, media_type: 'image/jpeg', kind: 'photo' as const, phase: 'before' as const, created_at: '',
      state: 'uploading' as const, sent: 120, url: null, attempts: 0, not_before: 0, cause: null, message: null, held: true }
    const view = overlay(ticket('t1', { detail: detail() }), [item('evidence.declare', { evidence_id: 'e1', kind: 'photo', phase: 'before', size: 200, sha256: 'h' })], policy, [upload])
    expect(view.detail!.evidence[0]).toMatchObject({ id: 'e1', pending: true, local: true, progress: 0.6, upload: 'uploading' })
    expect(evidenceLabel(view.detail!.evidence[0]!).text).toBe('上传中 60%')
  })

  it('follows the table in the order of the work, and stands still where it has no row', () => {
    expect(stateAfter('dispatched', [item('reply.submit'), item('ticket.sign')], policy)).toBe('handling')
    expect(stateAfter('dispatched', [item('ticket.sign')], undefined)).toBe('dispatched')
  })
})

describe('the true word', () => {
  it('never says done before a receipt', () => {
    const waiting = labelOf(item('ticket.sign', {}, { cause: 'offline' }))
    expect(waiting).toEqual({ text: '已在本机签收 · 待发送', cause: '没有网络，联网后自动发送', tone: 'plain' })
    expect(labelOf(item('ticket.sign', {}, { state: 'sending' })).text).toBe('签收 · 发送中')
    expect(labelOf(item('ticket.sign', {}, { state: 'delivered' })).text).toBe('签收 · 已送达')
  })

  it('a refusal gives the server\'s reason', () => {
    const receipt = { code: 'state_wrong', message: '工单现在是“待审核”' } as Receipt
    expect(labelOf(item('ticket.sign', {}, { state: 'refused', receipt }))).toEqual({ text: '签收 · 被拒绝', cause: '工单现在是“待审核”', tone: 'bad' })
    expect(labelOf(item('ticket.sign', {}, { state: 'refused', cause: 'never_heard_of' })).cause).toBe('原因代码 never_heard_of')
  })

  it('an unknown verb shows its name instead of nothing', () => expect(verbOf('future.verb')).toBe('future.verb'))

  it.each<[Partial<EvidenceView>, string]>([
    [{ state: 'declared', local: true, upload: 'waiting' }, '仅在本机'], [{ state: 'declared', local: true, upload: 'sent' }, '待确认'],
    [{ state: 'received', local: true, upload: 'sent' }, '已收'], [{ state: 'ready', local: false, upload: null }, '已收'],
    [{ state: 'declared', local: true, upload: 'refused' }, '上传失败'], [{ state: 'rejected', local: true, upload: 'refused' }, '无法使用'], [{ state: 'declared', local: false, upload: null }, '等待上传'],
  ])('evidence %o', (view, text) => expect(evidenceLabel({ progress: null, cause: null, reason: null, ...view } as EvidenceView).text).toBe(text))
})

describe('what is offered', () => {
  const me = (role: string, unit: string) => ({ id: 'a', roles: [{ role, unit_id: unit, unit_name: '', rank: null }] }) as unknown as Me
  const view = (over: Partial<TicketView> = {}) => ({ ...overlay(ticket('t1'), [], policy), ...over }) as TicketView

  it('follows role, unit and state; the unknown is not offered', () => {
    expect(allowed('ticket.sign', view(), policy, me('liaison', 'u1'))).toBe(true)
    expect(allowed('ticket.sign', view(), policy, me('liaison', 'u2'))).toBe(false)
    expect(allowed('ticket.sign', view({ state: 'handling' }), policy, me('liaison', 'u1'))).toBe(false)
    expect(allowed('ticket.sign', view(), policy, me('station', 's'))).toBe(false)
    expect(allowed('thread.post', view({ state: 'handling' }), policy, me('station', 's'))).toBe(true)
    expect(allowed('ticket.burn', view(), policy, me('admin', 's'))).toBe(false)
  })

  it('guards are listed soonest first, met ones not', () => {
    const found = guards(view({ clocks: [clock('b', '2', 'guard'), clock('a', '1', 'guard'), clock('c', '0', 'guard', { met_at: 'x' }), clock('d', '0')] }))
    expect(found.map((g) => g.kind)).toEqual(['a', 'b'])
  })
})

describe('the list', () => {
  it('puts 急件, 市长专线, 局长专线 first, then the next deadline (D2.2)', () => {
    const row = (id: string, priority: TicketView['priority'], due: string | null) => rowOf(ticket(id, { priority, clocks: due ? [clock('x', due)] : [] }))
    const rows = [row('n2', 'normal', '2'), row('b', 'bureau_line', '9'), row('n0', 'normal', null), row('n1', 'normal', '1'), row('u', 'urgent', '8'), row('m', 'mayor_line', '1')]
    expect(rows.sort(byUrgency).map((r) => r.id)).toEqual(['u', 'm', 'b', 'n1', 'n2', 'n0'])
  })

  it('what rests has a place of its own', () => expect(segmentOf({ state: 'suspended' })).toBe('resting'))

  it('a state that a newer server invents is still shown', () => expect(segmentOf({ state: 'appealed' as never })).toBe('working'))
})
