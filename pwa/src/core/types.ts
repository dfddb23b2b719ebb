/** What the phone itself keeps: commands, their fate, and tickets as the person sees them. */
import type {
  Assist, Commitment, Contact, Evidence, EvidenceKind, EvidencePhase, EvidenceSource, Opinion, Plan, Receipt, Reply, RequestRow, SampledPosition,
  ServerDraft, Ticket, TicketDetail, TicketState, Visit, VisitException,
} from './wire'

export type * from './wire'

/** One intention, exactly as it goes over the wire. Never changed after it was made. */
export interface Command {
  id: string
  name: string
  ticket_id: string | null
  args: Record<string, unknown>
  captured_at: string
  beacon: string | null
}

/** `sending` is never stored: a killed browser must not wake up believing that something is under way. */
export type OutboxState = 'waiting' | 'sending' | 'delivered' | 'refused'

export interface OutboxItem {
  /** Position in this device's order of work. */
  seq: number
  id: string
  command: Command
  /** Number and title of the ticket at the moment of the tap. */
  about: string | null
  state: OutboxState
  attempts: number
  /** Device wall clock, ms; not before this instant after a failure that concerned this command alone. */
  not_before: number
  /** Last obstacle, as a problem code, while waiting; or why it was refused without a receipt. */
  cause: string | null
  receipt: Receipt | null
  delivered_at: number | null
}

export interface UploadRow {
  evidence_id: string
  ticket_id: string
  sha256: string
  size: number
  media_type: string
  kind: EvidenceKind
  phase: EvidencePhase
  created_at: string
  state: 'waiting' | 'uploading' | 'sent' | 'refused'
  sent: number
  /** Where the half-finished upload lives on the server. */
  url: string | null
  attempts: number
  not_before: number
  cause: string | null
  /** The server's own sentence about it, when it gave one. */
  message: string | null
  /** Whether the original bytes are still on this phone. */
  held: boolean
}

export type Pending<T> = T & { pending?: boolean }
export type EvidenceView = Evidence & {
  pending?: boolean
  /** The original is on this phone. */
  local: boolean
  /** 0..1 while bytes are travelling. */
  progress: number | null
  upload: UploadRow['state'] | null
  /** Why the upload stands still, in words. */
  cause: string | null
}

export interface DetailView extends Omit<TicketDetail,
  'contacts' | 'visits' | 'visit_exceptions' | 'evidence' | 'replies' | 'requests' | 'progress' | 'messages' | 'plans' | 'commitments' | 'assists'> {
  contacts: Pending<Contact>[]
  visits: Pending<Visit>[]
  visit_exceptions: Pending<VisitException>[]
  evidence: EvidenceView[]
  replies: Pending<Reply>[]
  requests: Pending<RequestRow>[]
  progress: Pending<TicketDetail['progress'][number]>[]
  messages: Pending<TicketDetail['messages'][number]>[]
  plans: Pending<Plan>[]
  commitments: Pending<Commitment>[]
  assists: Pending<Assist>[]
}

/** What this phone's own work adds to what the server said. */
export interface OwnWork {
  /** Commands of this phone that the server has not answered yet, oldest first. */
  pending: OutboxItem[]
  /** Commands of this phone that the server refused and the person has not cleared away. */
  refused: OutboxItem[]
  /** What the server last said; `state` adds what was done on this phone since. */
  server_state: TicketState
  /** `state` comes from work that has not reached the server: say 已在本机…, never 已…. */
  state_is_local: boolean
}

export interface TicketView extends Omit<Ticket, 'detail'>, OwnWork {
  detail: DetailView | null
}

/** What lists show. Thousands are held in memory at once, so nothing else of a ticket is; who opens one gets it whole from disk. */
export interface RowView extends OwnWork,
  Pick<Ticket, 'id' | 'version' | 'number' | 'title' | 'state' | 'priority' | 'policy_id' | 'source' | 'area' | 'unit' | 'handler' | 'redo_count' | 'open_requests' | 'closed_how'> {
  /** Of the running deadline that ends first; null when none runs. */
  due_at: string | null
  due_label: string
}

/** What some profiles ask of a reply beyond its parts; absent where nothing of it was written. */
export type MoreSaid = Partial<Pick<ServerDraft, 'fields' | 'finish' | 'commitment' | 'basis' | 'statement' | 'answers'>>

export interface Draft extends MoreSaid {
  ticket_id: string
  parts: Record<string, string>
  opinion: Opinion | null
  evidence_ids: string[]
  /** ISO, server time as far as known. */
  saved_at: string
  /** Which saved_at the server has been offered; null = never. */
  mirrored_at: string | null
}
export type DraftContent = Pick<Draft, 'parts' | 'opinion' | 'evidence_ids' | keyof MoreSaid>
export type { ServerDraft }

export interface EvidenceMeta {
  kind: EvidenceKind
  phase: EvidencePhase
  media_type: string
  source: EvidenceSource
  /** ISO instant of the shutter; default now. */
  captured_at?: string
  position?: SampledPosition | null
  duration_s?: number | null
  note?: string | null
  /** The spot check it is taken in. */
  case_id?: string
  /** Small preview for this phone only. */
  thumb?: ArrayBuffer
}
