/** A ticket, a policy and people, whole but small; each test changes what it is about. */
import type { EvidenceView, Me, Policy, Reply, RequestRow } from '@/core/types'
import type { OpenTicket } from '@/tickets/open'

export const NOW = Date.parse('2026-11-20T02:00:00.000Z')
export const at = (hours: number): string => new Date(NOW + hours * 3_600_000).toISOString()
const LI = { id: 'p-li', name: '李' }
const cited = { cite: '五(二)', assumed: false }

export function person(role: Me['roles'][number]['role'], unit = 'u-river'): Me {
  return {
    id: 'p-li', name: '李', phone_masked: '138****0001', device_id: null,
    jurisdiction: { id: 'dalad', name: '达拉特旗', zone: 'Asia/Shanghai', station_phone: '5296118' },
    roles: [{ role, unit_id: unit, unit_name: '清河', rank: 'A', below: [], acting_for: null }],
  }
}

/** What a kind of request may ask beside its reason: nothing of it. */
const plain = {
  asked_by: ['liaison'], grounds: [], fields: [], form: null, materials: null, most: null, no_longer_than_original: false, least_days: null, verified: false,
  visited: null, told: false, variant: null, pauses: [], panel_of: null, proposed_needed: false,
}
const WORK = ['handling', 'redo'] as const
const row = (command: string, from: readonly string[], to: string | null, roles: string[]) => ({ command, label: command, from, to, roles })

export const policy = {
  id: 'dalad@1', jurisdiction: 'dalad', name: '达拉特旗', zone: 'Asia/Shanghai', basis: '通知',
  station: { name: '工作站', phone: '5296118', ...cited }, priorities: [],
  states: { registered: '待派单', dispatched: '待签收', handling: '办理中', signing: '待审签', reviewing: '待审核', redo: '退回重办', suspended: '挂单中', closed: '已办结' },
  transitions: [
    row('ticket.sign', ['dispatched'], 'handling', ['liaison']), row('ticket.dispatch', ['registered'], 'dispatched', ['station']),
    row('reply.submit', WORK, 'signing', ['liaison']), row('evidence.declare', ['dispatched', ...WORK], null, ['liaison']),
    row('reply.sign_off', ['signing'], 'reviewing', ['leader']), row('reply.decline', ['signing'], 'redo', ['leader']),
    row('review.accept', ['reviewing'], 'closed', ['station']), row('request.decide', ['dispatched', ...WORK], null, ['station']),
    row('request.return', ['dispatched', 'handling'], null, ['liaison']), row('request.extend', ['dispatched', ...WORK], null, ['liaison']),
    row('caller.reveal', ['dispatched', ...WORK], null, ['liaison']),
  ],
  clocks: { sign: { label: '签收时限', kind: 'deadline', cite: '二(一)', assumed: false } },
  reply: {
    parts: [
      { key: 'facts', label: '是否属实', hint: '', min_chars: 2, max_chars: 300, required: true, ...cited },
      { key: 'result', label: '办理结果', hint: '', min_chars: 10, max_chars: 2000, required: true, ...cited },
    ],
    opinion: { label: '来电人是否满意', ...cited, options: [{ key: 'satisfied', label: '满意', ...cited }, { key: 'dissatisfied', label: '不满意', ...cited }] },
    empty_phrases: ['已办理'], fillers: [], empty_cite: '二(三)', photos: { before: 1, after: 1, severity: 'block', ...cited },
    visit: { required: true, severity: 'block', ...cited }, phrases: ['经现场核实，反映情况属实。'],
    fields: [], finishes: [], contacts: null, face_to_face: null, recording: null,
  },
  visit: { modes: [{ key: 'solve', label: '上门办', hint: '', ...cited }], exceptions: [] },
  progress: { min_chars: 20, max_chars: 2000, empty_phrases: [], fillers: [], caller_told: true, ...cited },
  roles: {}, kinds: [], sources: [], direct: [], commitments: null, plan: null, failings: [], escalations: [], rates: [], levels: [], training_per_year: null,
  centre: { signs: false, contacts_first: false, ...cited }, accept: { contact_first: false, ...cited }, dispatch: { grounds: [], repeat_limit: null, ...cited },
  review: { checklist: [], callback_before_close: false, ...cited }, callback: { satisfaction: [], reasons: [], reopen: false, ...cited },
  requests: [
    {
      kind: 'return', label: '申请退单', clock: 'return', extends: null, proposed_unit: true, from: ['dispatched', 'handling'],
      reason_min_chars: 15, reason_label: '退单原因', hint: '', next: '工作站审批', cite: '三(二)', assumed: false, ...plain,
      effect: 'give_back', stages: [{ key: 'station', label: '工作站审批', roles: ['station'], act: 'decide', ...cited }],
    },
    {
      kind: 'extension', label: '申请延期', clock: 'ask_extension', extends: 'feedback', proposed_unit: false, from: ['dispatched', 'handling', 'redo'],
      reason_min_chars: 15, reason_label: '延期理由', hint: '', next: '工作站审核 → 市平台审核', cite: '四(三)', assumed: false, ...plain,
      effect: 'extend', stages: [
        { key: 'station', label: '工作站审核', roles: ['station'], act: 'decide', ...cited }, { key: 'city', label: '市平台审核', roles: ['station'], act: 'record', ...cited },
      ],
    },
  ],
  sign_off: [{ role: 'leader', label: '分管领导审签', ...cited }, { role: 'station', label: '工作站审核', ...cited }],
  reminders: [],
} as unknown as Policy

export const clock = (name: string, hours: number, kind = 'deadline') => ({
  clock: name, label: name, kind, started_at: at(-1), due_at: at(hours), met_at: null, stopped_at: null, provisional: false,
  derivation: '20 小时，自 11-20 09:14 派单起', cite: '二(一)', assumed: false,
}) as OpenTicket['clocks'][number]

export function evidence(id: string, over: Partial<EvidenceView> = {}): EvidenceView {
  return {
    id, kind: 'photo', phase: 'before', sha256: 'ab'.repeat(32), size: 1000, media_type: 'image/jpeg', captured_at: at(-1), source: 'camera',
    position: { lat: 40, lon: 110, accuracy_m: 12 }, duration_s: null, note: null, state: 'ready', received_bytes: 1000, reason: null,
    has_display: false, has_thumb: false, has_audio: false, peaks: null, by: LI, declared_at: at(-1), received_at: at(-1), width: null, height: null, ours: true,
    local: false, progress: null, upload: null, cause: null, ...over,
  } as EvidenceView
}

export function reply(number: number, over: Partial<Reply> = {}): Reply {
  return {
    id: `r${number}`, number, parts: { facts: '属实', result: '已换新灯泡三只，当晚全亮。' }, opinion: 'satisfied', evidence_ids: [], content_hash: 'c'.repeat(64),
    state: 'signing', submitted_at: at(0), by: { id: 'p-wu', name: '吴' }, signatures: [], sent_back: null, unit_id: 'u-river', changes: null,
    fields: {}, finish: null, commitment: null, basis: '', statement: '', answers: [], ...over,
  }
}

export const request = (kind: string, state: RequestRow['state']): RequestRow => ({
  id: `q-${kind}`, kind, state, reason: '', proposed_unit: null, new_due_at: null, asked_at: at(-1), by: LI, decisions: [],
  grounds: [], fields: {}, evidence_ids: [], variant: null, until: null, role: 'liaison', outcome: null, supported_by: null, waits_for: [], waits_since: null,
  decide_by: null, decide_why: null, panel: [],
})

export function ticket(over: Partial<OpenTicket> = {}, detail: Partial<OpenTicket['detail']> = {}): OpenTicket {
  return {
    id: 't1', version: 1, number: 'N-1', policy_id: 'dalad@1', title: '路灯不亮', state: 'handling', state_since: at(-1), priority: 'normal', kind: 'help',
    source: '12345', area: '清河街道', unit: { id: 'u-river', name: '清河' }, handler: LI, received_at: at(-2), dispatched_at: at(-1), signed_at: at(-1),
    redo_count: 0, confidential: false, position: null, holder: null, clocks: [], open_requests: [], pending: [], refused: [], server_state: 'handling',
    closed_at: null, closed_how: null, exempt: false, suspended_until: null, assigned_count: 1, escalated: false, state_is_local: false, ...over,
    detail: {
      content: '三盏路灯不亮', category: null, caller: { name: '林**', phone: '139****1101', address: '', anonymous: false }, contacts: [], visits: [],
      visit_exceptions: [], evidence: [], draft: null, replies: [], requests: [], progress: [], messages: [], reported_to_centre: null, timeline: [], askable: [], chain: null, reasons_open: [], callbacks: [], plans: [], commitments: [], centre_signed_at: null,
      assignments: [], consultations: [], assists: [], direct_answer: null, escalations: [], ...detail,
    },
  } as OpenTicket
}
