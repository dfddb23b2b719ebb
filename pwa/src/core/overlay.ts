/**
 * A ticket as the person left it: the server's snapshot plus the commands of this phone that have no answer yet. Effects
 * shown here are marked `pending`; a refused command has no effect and is listed beside.
 */
import { causeOf } from './outcome'
import { overlayRow } from './overlayRow'
import type {
  Command, DetailView, Evidence, EvidenceView, MoreSaid, OutboxItem, Policy, Ref, Ticket, TicketDetail, TicketView, UploadRow,
} from './types'

type Effect = (detail: DetailView, command: Command) => void
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const list = (value: unknown): string[] => (Array.isArray(value) ? (value as string[]) : [])

/** Where a request stands that the server has not seen: before its first stage. */
const ASKED = 'asked'

/** Who did it is the reader of this phone; the screen says 我, the server's name comes with the snapshot. */
export const MINE: Ref = { id: '', name: '' }

/** Appends the row unless the snapshot has it already: a command offered again after a restore may be known to the server. */
function add<T extends { id: string; pending?: boolean }>(list: T[], command: Command, idKey: string, fields: Record<string, unknown>): void {
  const id = command.args[idKey]
  if (!list.some((held) => held.id === id)) list.push({ ...fields, id, by: MINE, pending: true } as unknown as T)
}

function change<T extends { id: string }>(list: T[], command: Command, idKey: string, fields: Record<string, unknown>): void {
  const found = list.find((row) => row.id === command.args[idKey])
  if (found) Object.assign(found, fields, { pending: true })
}

/** What a draft or a reply says beyond its parts, whole. */
function more(args: Record<string, unknown>): Required<MoreSaid> {
  const nothing: Required<MoreSaid> = { fields: {}, finish: null, commitment: null, basis: '', statement: '', answers: [] }
  return Object.fromEntries(Object.entries(nothing).map(([key, none]) => [key, args[key] ?? none])) as Required<MoreSaid>
}

const effects: Record<string, Effect> = {
  'contact.record': (d, c) => {
    const { note = null, duration_s = null, evidence_ids = [], ...rest } = c.args
    add(d.contacts, c, 'contact_id', { ...rest, note, duration_s, evidence_ids, recorded_at: c.captured_at })
  },
  'visit.record': (d, c) => {
    const blank = { left_at: null, met_name: null, position: null, note: null }
    add(d.visits, c, 'visit_id', { ...blank, ...c.args, recorded_at: c.captured_at })
  },
  'visit.except': (d, c) => {
    add(d.visit_exceptions, c, 'exception_id', { ...c.args, recorded_at: c.captured_at })
  },
  'evidence.withdraw': (d, c) => {
    const found = d.evidence.find((e) => e.id === c.args.evidence_id)
    if (found) Object.assign(found, { state: 'withdrawn', reason: text(c.args.reason), pending: true })
  },
  'draft.save': (d, c) => {
    d.draft = {
      parts: c.args.parts as Record<string, string>,
      opinion: (c.args.opinion as never) ?? null,
      evidence_ids: list(c.args.evidence_ids),
      ...more(c.args),
      saved_at: c.captured_at,
      by: MINE,
    }
  },
  'reply.submit': (d, c) => {
    const number_ = d.replies.reduce((most, r) => Math.max(most, r.number), 0) + 1
    add(d.replies, c, 'reply_id', {
      number: number_, parts: c.args.parts, opinion: c.args.opinion, evidence_ids: list(c.args.evidence_ids), content_hash: '',
      ...more(c.args), state: 'signing', submitted_at: c.captured_at, signatures: [], sent_back: null, changes: null,
    })
  },
  'request.return': (d, c) => addRequest(d, c, 'return'),
  'request.extend': (d, c) => addRequest(d, c, 'extension'),
  'request.ask': (d, c) => addRequest(d, c, String(c.args.kind)),
  'request.withdraw': (d, c) => change(d.requests, c, 'request_id', { state: 'withdrawn' }),
  'progress.report': (d, c) => {
    add(d.progress, c, 'progress_id', { text: c.args.text, caller_told: c.args.caller_told === true, at: c.captured_at })
  },
  'plan.file': (d, c) => {
    add(d.plans, c, 'plan_id', { number: d.plans.length + 1, text: c.args.text, steps: c.args.steps, at: c.captured_at })
  },
  'commitment.make': (d, c) => {
    add(d.commitments, c, 'commitment_id', {
      origin: 'hand', text: c.args.text, due_at: c.args.due_at, made_at: c.captured_at, outcome: null, settled_at: null, settled_note: null,
      evidence_ids: [], replaced_by: null,
    })
  },
  'commitment.settle': (d, c) => change(d.commitments, c, 'commitment_id', {
    outcome: c.args.outcome, settled_at: c.captured_at, settled_note: text(c.args.note), evidence_ids: list(c.args.evidence_ids),
  }),
  'assist.sign': (d, c) => change(d.assists, c, 'assist_id', { signed_at: c.captured_at, signed_by: MINE }),
  'assist.report': (d, c) => change(d.assists, c, 'assist_id', { report: text(c.args.text), reported_at: c.captured_at, reported_by: MINE }),
  'thread.post': (d, c) => {
    add(d.messages, c, 'message_id', { text: c.args.text, role: '', at: c.captured_at })
  },
}

function addRequest(d: DetailView, c: Command, kind: string): void {
  add(d.requests, c, 'request_id', {
    kind, state: ASKED, reason: text(c.args.reason) ?? '', proposed_unit: text(c.args.proposed_unit), variant: text(c.args.variant),
    new_due_at: text(c.args.new_due_at), until: text(c.args.until), asked_at: c.captured_at, grounds: list(c.args.grounds),
    fields: (c.args.fields as Record<string, string> | undefined) ?? {}, evidence_ids: list(c.args.evidence_ids), waits_for: [], held_by: '', waits_since: null,
    decide_by: null, decide_why: null, decisions: [], panel: [],
  })
}

function declared(command: Command): Evidence {
  const a = command.args
  return {
    id: a.evidence_id as string, kind: a.kind as never, phase: a.phase as never, sha256: a.sha256 as string,
    size: a.size as number, media_type: a.media_type as string, captured_at: a.captured_at as string, source: a.source as never,
    position: (a.position as never) ?? null, duration_s: number(a.duration_s), note: text(a.note), state: 'declared',
    received_bytes: 0, reason: null, has_display: false, has_thumb: false, has_audio: false, peaks: null, by: MINE,
    declared_at: command.captured_at, received_at: null, width: null, height: null, ours: true,
  }
}

function evidenceView(e: Evidence, upload: UploadRow | undefined, pending: boolean): EvidenceView {
  const moving = upload?.state === 'uploading' && upload.size > 0
  return {
    ...e, pending, local: upload?.held ?? false, upload: upload?.state ?? null,
    cause: upload ? upload.message ?? causeOf(upload.cause) : null,
    progress: moving ? upload.sent / upload.size : null,
  }
}

function overlayDetail(detail: TicketDetail, pending: OutboxItem[], uploads: UploadRow[]): DetailView {
  const byId = new Map(uploads.map((u) => [u.evidence_id, u]))
  const known = new Set(detail.evidence.map((e) => e.id))
  const fresh = pending
    .filter((p) => p.command.name === 'evidence.declare' && !known.has(p.command.args.evidence_id as string))
    .map((p) => declared(p.command))
  const view: DetailView = {
    ...detail,
    contacts: [...detail.contacts],
    visits: [...detail.visits],
    visit_exceptions: [...detail.visit_exceptions],
    replies: [...detail.replies],
    requests: detail.requests.map((r) => ({ ...r })),
    progress: [...detail.progress],
    // A snapshot of before an update of the app has not heard of these.
    askable: detail.askable ?? [], chain: detail.chain ?? null, reasons_open: detail.reasons_open ?? [], callbacks: detail.callbacks ?? [],
    assignments: detail.assignments ?? [], consultations: detail.consultations ?? [], escalations: detail.escalations ?? [],
    plans: [...(detail.plans ?? [])],
    commitments: (detail.commitments ?? []).map((row) => ({ ...row })),
    assists: (detail.assists ?? []).map((row) => ({ ...row })),
    messages: [...detail.messages],
    evidence: [
      ...detail.evidence.map((e) => evidenceView(e, byId.get(e.id), false)),
      ...fresh.map((e) => evidenceView(e, byId.get(e.id), true)),
    ],
  }
  for (const item of pending) effects[item.command.name]?.(view, item.command)
  return view
}

/**
 * The whole ticket. `items`: this phone's commands for it, any order; delivered ones are ignored because their effect is in the
 * snapshot that arrived with the receipt. A refused command has no effect and is listed beside.
 */
export function overlay(ticket: Ticket, items: OutboxItem[], policy?: Policy, uploads: UploadRow[] = []): TicketView {
  const row = overlayRow(ticket, items, policy)
  return { ...row, detail: ticket.detail && overlayDetail(ticket.detail, row.pending, uploads) }
}
