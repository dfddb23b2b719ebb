/**
 * Shapes on the wire, from the server's own description (src/api/schema.d.ts, made by `npm run types`). Only two things are added:
 * nullable references lose the empty object that OpenAPI 3.0 leaves beside them, and words the phone branches on are narrowed.
 */
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Clean<T> = T extends Record<string, never> ? never
  : T extends (infer U)[] ? Clean<U>[]
    : T extends object ? { [K in keyof T]: Clean<T[K]> }
      : T
type Shape<K extends keyof Schemas> = Clean<Schemas[K]>
type Narrow<T, N> = Omit<T, keyof N> & N

export type TicketState = 'registered' | 'dispatched' | 'handling' | 'signing' | 'reviewing' | 'redo' | 'suspended' | 'closed'
export type Priority = 'urgent' | 'mayor_line' | 'bureau_line' | 'normal'
export type EvidenceKind = 'photo' | 'audio' | 'document'
export type EvidencePhase = 'before' | 'after' | 'call' | 'visit' | 'other' | 'check'
export type EvidenceSource = 'camera' | 'gallery' | 'recorder' | 'file'
export type EvidenceState = 'declared' | 'uploading' | 'received' | 'ready' | 'rejected' | 'withdrawn'
export type Opinion = 'satisfied' | 'basically_satisfied' | 'dissatisfied' | 'not_reached'
type Severity = 'block' | 'warn'

export type Ref = Shape<'Person'>
export type Position = Narrow<Shape<'Position'>, { datum?: 'wgs84' | 'gcj02' }>
/** The best of several fixes: how many, how far from their middle (metres), over how many seconds. */
export type SampledPosition = Narrow<Shape<'SampledPosition'>, { datum?: 'wgs84' | 'gcj02' }>
export type Clock = Shape<'Clock'>
export type Contact = Narrow<Shape<'Contact'>, {
  purpose: 'first' | 'second' | 'clarify' | 'told'
  to: 'caller' | 'station'
  channel: 'phone' | 'wechat' | 'in_person' | 'other'
  outcome: 'reached' | 'no_answer' | 'refused' | 'wrong_number'
}>
export type Visit = Narrow<Shape<'Visit'>, {
  mode: 'solve' | 'persuade' | 'discuss'
  met: 'caller' | 'family' | 'representative'
  position: Position | null
}>
export type VisitException = Narrow<Shape<'VisitException'>, { ground: 'declined' | 'anonymous' | 'unreachable' }>
export type Evidence = Narrow<Shape<'Evidence'>, {
  kind: EvidenceKind
  phase: EvidencePhase
  source: EvidenceSource
  state: EvidenceState
  position: SampledPosition | null
} & SinceStrips>
/** Absent in what a phone kept from a server of before. */
type SinceStrips = Partial<Pick<Shape<'Evidence'>, 'issued_at' | 'device' | 'display_width' | 'display_height' | 'strip_px'>>
export type Reply = Narrow<Shape<'Reply'>, {
  opinion: Opinion | null
  state: 'signing' | 'reviewing' | 'declined' | 'sent_back' | 'accepted'
}>
/** `state` is a stage of the kind, or how it ended: approved, refused, withdrawn, lapsed. */
export type RequestRow = Shape<'Request'>
export type Askable = Shape<'Askable'>
export type Assist = Shape<'AssistOut'>
export type Commitment = Shape<'CommitmentOut'>
export type Plan = Shape<'PlanOut'>
export type TimelineEvent = Shape<'TimelineEntry'>
export type ServerDraft = Narrow<Shape<'Draft'>, { opinion: Opinion | null }>
export type TicketDetail = Narrow<Shape<'Detail'>, {
  contacts: Contact[]
  visits: Visit[]
  visit_exceptions: VisitException[]
  evidence: Evidence[]
  draft: ServerDraft | null
  replies: Reply[]
  requests: RequestRow[]
}>
export type Ticket = Narrow<Shape<'TicketOut'>, {
  state: TicketState
  priority: Priority
  position: Position | null
  detail: TicketDetail | null
}>

export type ReplyPart = Shape<'ReplyPartOut'>
export type ReplyPolicy = Narrow<Shape<'ReplyOut'>, {
  opinion: Narrow<Shape<'OpinionOut'>, { options: Narrow<Shape<'NamedItem'>, { key: Opinion }>[] }>
  photos: Narrow<Shape<'PhotosOut'>, { severity: Severity }>
  visit: Narrow<Shape<'VisitRequiredOut'>, { severity: Severity }>
}>
export type Transition = Narrow<Shape<'TransitionOut'>, { from: TicketState[]; to: TicketState | null; roles: Role[] }>
export type RequestPolicy = Shape<'RequestOut'>
export type Policy = Narrow<Shape<'PolicyOut'>, {
  states: Record<TicketState, string>
  transitions: Transition[]
  reply: ReplyPolicy
}>

export type Notice = Shape<'Notice'>
export type Person = Shape<'UnitPerson'>
export type Unit = Shape<'Unit'>
export type Me = Shape<'Me'>
export type Role = Me['roles'][number]['role']
export type Session = Shape<'SessionOut'>
export type Device = Shape<'DeviceOut'>
export type Receipt = Shape<'Receipt'>
export type CommandsAnswer = Narrow<Shape<'BatchOut'>, { tickets: Ticket[] }>

type Pulled = Shape<'PullOut'>
export type News = Narrow<Required<Pulled>, { unchanged: false; tickets: Ticket[]; policies: Policy[]; units: Unit[] | null; me: Me | null }>
/** The description has one shape with optional fields; whether they are there hangs on `unchanged`. */
export type PullAnswer = { unchanged: true; beacon: string } | News
