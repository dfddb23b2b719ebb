/**
 * What a liaison still has to do on a ticket, in the order of the work, each with the screen that does it.
 * Judged only from the policy's data and the same reply gate the server runs; nothing here is a rule of its own.
 */
import { check, type Finding } from '@/core/replyGate'
import type { DraftContent, EvidencePhase, EvidenceView, Policy, TicketView } from '@/core/types'

export type StepKey = 'sign' | 'contact' | 'visit' | 'before' | 'after' | 'part' | 'opinion' | 'more' | 'submit'

export interface Step {
  id: string
  key: StepKey
  /** The policy's own name for it (a reply part), or null where the catalogue has the word. */
  label: string | null
  state: 'done' | 'todo' | 'optional'
  /** Done on this phone, not yet answered by the server. */
  pending: boolean
  have: number
  need: number
  cite: string | null
  to: string
}

/** Photos that count: everything the server has not thrown out and the person has not withdrawn. */
export function livePhotos(evidence: readonly EvidenceView[], phase?: EvidencePhase): EvidenceView[] {
  return evidence.filter((item) => item.kind === 'photo' && usable(item) && (!phase || item.phase === phase))
}

/** What stands on the ticket, whoever handed it in. */
export function standing(item: EvidenceView): boolean {
  return item.phase !== 'check' && item.state !== 'rejected' && item.state !== 'withdrawn' && item.upload !== 'refused'
}

/** What the unit may use for its own answer: not what another unit left, nor what came with the station's order. */
export const usable = (item: EvidenceView): boolean => standing(item) && item.ours !== false

/**
 * Evidence a reply takes with it. A draft that names none takes all that is usable: forgetting to tick a photo
 * must not cost a redo. Ids of things withdrawn since are dropped.
 */
export function chosenEvidence(view: TicketView, draft: DraftContent | null): string[] {
  const all = (view.detail?.evidence ?? []).filter(usable)
  const chosen = draft?.evidence_ids ?? []
  if (chosen.length === 0) return all.map((item) => item.id)
  return all.filter((item) => chosen.includes(item.id)).map((item) => item.id)
}

/** Findings of the reply gate for the draft as it stands on this phone. */
export function findingsOf(view: TicketView, policy: Policy, draft: DraftContent | null): Finding[] {
  const detail = view.detail
  const ids = new Set(chosenEvidence(view, draft))
  const photos = (phase: EvidencePhase) =>
    livePhotos(detail?.evidence ?? [], phase).filter((item) => ids.has(item.id)).length
  return check(policy.reply, {
    ...draft,
    parts: draft?.parts ?? {},
    opinion: draft?.opinion ?? null,
    photos_before: photos('before'),
    photos_after: photos('after'),
    recordings: (detail?.evidence ?? []).filter((item) => usable(item) && ids.has(item.id) && item.kind === 'audio' && item.phase === 'call').length,
    visits: detail?.visits.length ?? 0,
    visit_exceptions: detail?.visit_exceptions.length ?? 0,
    ...askedOfTicket(view, policy),
  })
}

/** What the gate asks of the ticket itself: who was spoken to and met, why it came back. */
function askedOfTicket(view: TicketView, policy: Policy) {
  const { contacts = [], visits = [], visit_exceptions = [], replies = [], caller } = view.detail ?? {}
  const reached = contacts.filter((item) => item.to === 'caller' && item.outcome === 'reached')
  const last = [...replies].sort((a, b) => b.number - a.number)[0]
  return {
    first_contacts: reached.filter((item) => item.purpose === 'first').length,
    second_contacts: reached.filter((item) => item.purpose === 'second' || String(item.purpose) === 'told').length,
    calls: reached.filter((item) => item.channel === 'phone').length,
    met_caller: visits.filter((item) => item.met === 'caller').length,
    anonymous: caller?.anonymous ?? false,
    out_of_reach: (caller?.anonymous ?? false) || visit_exceptions.some((item) => item.ground === 'unreachable'),
    source: view.source, priority: view.priority, redo_count: view.redo_count,
    reasons: last?.sent_back?.reasons ?? [],
    today: new Intl.DateTimeFormat('sv-SE', { timeZone: policy.zone, dateStyle: 'short' }).format(new Date()),
  }
}

function step(view: TicketView, key: StepKey, page: string, given: Partial<Step>): Step {
  return {
    id: key, key, label: null, state: 'todo', pending: false, have: 0, need: 0, cite: null,
    to: `/t/${view.id}/${page}`, ...given,
  }
}

function photoStep(view: TicketView, policy: Policy, phase: 'before' | 'after'): Step {
  const photos = livePhotos(view.detail?.evidence ?? [], phase)
  const need = policy.reply.photos[phase]
  const state = photos.length >= need && need > 0 ? 'done' : need > 0 ? 'todo' : 'optional'
  return step(view, phase, `capture?phase=${phase}`, {
    state, have: photos.length, need, cite: policy.reply.photos.cite,
    pending: photos.some((photo) => photo.pending === true),
  })
}

function visitStep(view: TicketView, policy: Policy): Step {
  const done = [...(view.detail?.visits ?? []), ...(view.detail?.visit_exceptions ?? [])]
  const findings = findingsOf(view, policy, null)
  const inPerson = findings.some((finding) => finding.code === 'face_to_face_missing' && finding.severity === 'block')
  const state = inPerson ? 'todo' : done.length > 0 ? 'done' : policy.reply.visit.required ? 'todo' : 'optional'
  return step(view, 'visit', 'field?tab=visit', {
    state, have: done.length, cite: policy.reply.visit.cite, pending: done.some((row) => row.pending === true),
  })
}

function partSteps(view: TicketView, policy: Policy, findings: readonly Finding[]): Step[] {
  return policy.reply.parts.map((part) => {
    const missing = findings.some((finding) => finding.part === part.key && finding.severity === 'block')
    return step(view, 'part', `reply#${part.key}`, {
      id: `part:${part.key}`, label: part.label, cite: part.cite,
      state: missing ? 'todo' : part.required ? 'done' : 'optional',
    })
  })
}

/** Signed for the server, or signed on this phone and still to be sent. */
export function isSigned(view: TicketView): boolean {
  return view.signed_at !== null || view.pending.some((item) => item.command.name === 'ticket.sign')
}

/** Findings that the reply screen alone can answer: how it ends, who answers, what the send-back asked. */
const MORE = /^(field|finish|commitment|basis|statement|recording|reason)_/

/** The whole way from signing to submitting. */
export function checklist(view: TicketView, policy: Policy, draft: DraftContent | null): Step[] {
  const signed = isSigned(view)
  const findings = findingsOf(view, policy, draft)
  const contacts = view.detail?.contacts ?? []
  const reached = contacts.filter((contact) => contact.outcome === 'reached' && contact.to === 'caller')
  const owes = (codes: RegExp) => findings.some((finding) => finding.severity === 'block' && codes.test(finding.code))
  const blocked = findings.some((finding) => finding.severity === 'block')
  return [
    step(view, 'sign', 'sign', {
      state: signed ? 'done' : 'todo', pending: signed && view.signed_at === null,
      cite: policy.clocks['sign']?.cite ?? null,
    }),
    step(view, 'contact', 'field?tab=contact', {
      // First and second conversation are the policy's to ask; without such a duty one is still worth having.
      state: owes(/^(first|second)_contact_missing$/) ? 'todo' : reached.length > 0 ? 'done' : 'optional', have: contacts.length,
      pending: reached.some((contact) => contact.pending === true),
    }),
    visitStep(view, policy),
    photoStep(view, policy, 'before'),
    photoStep(view, policy, 'after'),
    ...partSteps(view, policy, findings),
    step(view, 'opinion', 'reply#opinion', {
      label: policy.reply.opinion.label, cite: policy.reply.opinion.cite,
      state: findings.some((finding) => finding.code === 'opinion_missing') ? 'todo' : 'done',
    }),
    ...(owes(MORE) ? [step(view, 'more', 'reply', {})] : []),
    step(view, 'submit', 'reply', { state: 'todo', need: blocked ? 1 : 0 }),
  ]
}

/** The first thing still owed, which is where the big button leads. */
export function firstOpen(steps: readonly Step[]): Step | null {
  return steps.find((item) => item.state === 'todo') ?? null
}
