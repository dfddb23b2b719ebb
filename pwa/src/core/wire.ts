/** Shapes on the wire. Times are ISO 8601 UTC strings with milliseconds. */

export type TicketState = 'registered' | 'dispatched' | 'handling' | 'signing' | 'reviewing' | 'redo' | 'closed'
export type Priority = 'urgent' | 'mayor_line' | 'bureau_line' | 'normal'
export type Role = 'liaison' | 'leader' | 'station' | 'supervisor' | 'admin'
export type EvidenceKind = 'photo' | 'audio' | 'document'
export type EvidencePhase = 'before' | 'after' | 'call' | 'visit' | 'other'
export type EvidenceSource = 'camera' | 'gallery' | 'recorder' | 'file'
export type EvidenceState = 'declared' | 'uploading' | 'received' | 'ready' | 'rejected' | 'withdrawn'
export type Opinion = 'satisfied' | 'basically_satisfied' | 'dissatisfied' | 'not_reached'

export interface Ref { id: string; name: string }
export interface Position {
  lat: number
  lon: number
  accuracy_m?: number | null
  datum?: 'wgs84' | 'gcj02'
  at?: string | null
}

export interface Clock {
  clock: string
  label: string
  kind: 'deadline' | 'guard' | 'target'
  started_at: string
  due_at: string
  met_at: string | null
  stopped_at: string | null
  provisional: boolean
  derivation: string
  cite: string
  assumed: boolean
}

export interface Contact {
  id: string
  purpose: 'first' | 'second' | 'clarify'
  to: 'caller' | 'station'
  channel: 'phone' | 'wechat' | 'in_person' | 'other'
  outcome: 'reached' | 'no_answer' | 'refused' | 'wrong_number'
  started_at: string
  duration_s: number | null
  note: string | null
  by: string
  recorded_at: string
  evidence_ids: string[]
}

export interface Visit {
  id: string
  mode: 'solve' | 'persuade' | 'discuss'
  arrived_at: string
  left_at: string | null
  met: 'caller' | 'family' | 'representative'
  met_name: string | null
  position: Position | null
  note: string | null
  by: string
  recorded_at: string
}

export interface VisitException {
  id: string
  ground: 'declined' | 'anonymous' | 'unreachable'
  note: string
  by: string
  recorded_at: string
}

export interface Evidence {
  id: string
  kind: EvidenceKind
  phase: EvidencePhase
  sha256: string
  size: number
  media_type: string
  captured_at: string
  source: EvidenceSource
  position: Position | null
  duration_s: number | null
  note: string | null
  state: EvidenceState
  received_bytes: number
  reason: string | null
  has_display: boolean
  has_thumb: boolean
  peaks: number[] | null
  by: string
  declared_at: string
  received_at: string | null
  width: number | null
  height: number | null
}

export interface Reply {
  id: string
  number: number
  parts: Record<string, string>
  opinion: Opinion
  evidence_ids: string[]
  content_hash: string
  state: 'signing' | 'reviewing' | 'declined' | 'sent_back' | 'accepted'
  submitted_at: string
  by: string
  signatures: { role: string; by: string; at: string; note: string | null }[]
  sent_back: { by: string; at: string; reasons: string[] } | null
}

export interface RequestRow {
  id: string
  kind: string
  state: 'station' | 'city' | 'approved' | 'refused' | 'withdrawn'
  reason: string
  proposed_unit: string | null
  new_due_at: string | null
  asked_at: string
  by: string
  decisions: { stage: 'station' | 'city'; decision: string; note: string | null; by: string; at: string }[]
}

export interface TimelineEvent {
  seq: number
  name: string
  at: string
  by: string | null
  role: string | null
  summary: string
  claimed_at: string | null
  late: boolean
}

export interface ServerDraft {
  parts: Record<string, string>
  opinion: Opinion | null
  evidence_ids: string[]
  saved_at: string
  by: string
}

export interface TicketDetail {
  content: string
  category: string | null
  caller: { name: string | null; phone: string | null; address: string | null; anonymous: boolean }
  contacts: Contact[]
  visits: Visit[]
  visit_exceptions: VisitException[]
  evidence: Evidence[]
  draft: ServerDraft | null
  replies: Reply[]
  requests: RequestRow[]
  progress: { id: string; text: string; caller_told: boolean; by: string; at: string }[]
  messages: { id: string; text: string; by: string; role: string; at: string }[]
  reported_to_centre: { by: string; at: string; note: string | null } | null
  timeline: TimelineEvent[]
}

export interface Ticket {
  id: string
  version: number
  number: string
  title: string
  state: TicketState
  state_since: string
  priority: Priority
  kind: 'consult' | 'help' | 'complaint' | 'suggestion' | 'report'
  source: string
  area: string | null
  unit: Ref | null
  handler: Ref | null
  dispatched_at: string | null
  signed_at: string | null
  redo_count: number
  confidential: boolean
  position: { lat: number; lon: number } | null
  holder: { role: string; name: string | null; since: string | null } | null
  clocks: Clock[]
  open_requests: string[]
  unread: number
  detail: TicketDetail | null
}

export interface ReplyPart {
  key: string
  label: string
  hint: string
  min_chars: number
  max_chars: number
  required: boolean
  cite: string
}

export interface ReplyPolicy {
  parts: ReplyPart[]
  opinion: { label: string; cite: string; options: { key: Opinion; label: string }[] }
  empty_phrases: string[]
  fillers: string[]
  empty_cite: string
  photos: { before: number; after: number; severity: 'block' | 'warn'; cite: string }
  visit: { required: boolean; severity: 'block' | 'warn'; cite: string }
  phrases: string[]
}

export interface Transition {
  command: string
  label: string
  from: TicketState[]
  to: TicketState | null
  roles: Role[]
}

export interface RequestPolicy {
  kind: string
  label: string
  clock: string
  from: TicketState[]
  reason_min_chars: number
  reason_label: string
  hint: string
  extends: string | null
  proposed_unit: boolean
  cite: string
  assumed: boolean
  next: string
}

export interface Policy {
  id: string
  jurisdiction: string
  name: string
  zone: string
  basis: string
  station: { name: string; phone: string; cite: string; assumed: boolean }
  priorities: { key: Priority; label: string; cite: string; assumed: boolean }[]
  states: Record<TicketState, string>
  transitions: Transition[]
  clocks: Record<string, { label: string; kind: string; cite: string; assumed: boolean }>
  reply: ReplyPolicy
  visit: {
    modes: { key: string; label: string; hint: string; cite: string }[]
    exceptions: { key: string; label: string; attempts: number | null; assumed: boolean; cite: string }[]
  }
  progress: { min_chars: number; max_chars: number; empty_phrases: string[]; fillers: string[]; caller_told: boolean; cite: string }
  requests: RequestPolicy[]
  sign_off: { role: string; label: string }[]
  reminders: unknown[]
}

export interface Notice {
  id: string
  kind: string
  ticket_id: string | null
  title: string
  body: string
  at: string
  acknowledged_at: string | null
}

export interface Person { id: string; name: string; rank: 'A' | 'B' | null; phone_masked: string | null }
export interface Unit {
  id: string
  name: string
  level: number
  parent_id: string | null
  has_liaison: boolean
  liaisons: Person[]
  leaders: Person[]
  duty: { person_id: string; name: string; rank: 'A' | 'B' | null; from: string; until: string }[]
}

export interface Me {
  id: string
  name: string
  phone_masked: string
  jurisdiction: { id: string; name: string; zone: string }
  roles: { role: Role; unit_id: string; unit_name: string; rank: 'A' | 'B' | null }[]
  device_id: string | null
}

export interface Session { access_token: string; expires_in: number; me: Me }

export interface Receipt {
  id: string
  status: 'applied' | 'refused'
  code: string | null
  message: string | null
  facts: Record<string, unknown>
  received_at: string
  claimed_at: string | null
  counted_at: string | null
  ticket_id: string | null
  ticket_version: number | null
  replayed: boolean
}

export interface CommandsAnswer { beacon: string; epoch: string; receipts: Receipt[]; tickets: Ticket[] }
export type PullAnswer =
  | { unchanged: true; beacon: string }
  | {
      unchanged: false
      beacon: string
      epoch: string
      cookie: string
      reset: boolean
      more: boolean
      tickets: Ticket[]
      inbox: Notice[]
      policies: Policy[]
      units: Unit[]
      me: Me | null
      gone: string[]
    }
