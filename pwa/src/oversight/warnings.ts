/**
 * What a signer should look at twice. Nothing here refuses: the gate did that when the reply was submitted. Facts only,
 * from what the ticket carries.
 */
import type { EvidenceView, Policy, Reply } from '@/core/types'
import { openAssists } from '@/joint/assists'
import type { OpenTicket } from '@/tickets/open'

export type WarningCode = 'not_arrived' | 'rejected' | 'gallery' | 'no_position' | 'no_visit' | 'no_contact' | 'unhappy' | 'late_evidence' | 'assists'
export interface Warning { code: WarningCode; count: number }

/** Evidence the reply names, in the ticket's order. */
export function evidenceOf(view: OpenTicket, reply: Reply): EvidenceView[] {
  const ids = new Set(reply.evidence_ids)
  return view.detail.evidence.filter((item) => ids.has(item.id))
}

export function warningsOf(view: OpenTicket, reply: Reply, policy: Policy): Warning[] {
  const evidence = evidenceOf(view, reply)
  const photos = evidence.filter((item) => item.kind === 'photo')
  const count = (test: (item: EvidenceView) => boolean) => photos.filter(test).length
  const found: Warning[] = [
    { code: 'not_arrived', count: evidence.filter((item) => item.state === 'declared' || item.state === 'uploading').length },
    { code: 'rejected', count: evidence.filter((item) => item.state === 'rejected').length },
    { code: 'gallery', count: count((item) => item.source === 'gallery') },
    { code: 'no_position', count: count((item) => item.source === 'camera' && item.position === null) },
    { code: 'late_evidence', count: count((item) => Date.parse(item.captured_at) > Date.parse(reply.submitted_at)) },
    { code: 'no_visit', count: policy.reply.visit.required && view.detail.visits.length === 0 ? 1 : 0 },
    { code: 'no_contact', count: reached(view) ? 0 : 1 },
    { code: 'unhappy', count: reply.opinion === 'dissatisfied' || reply.opinion === 'not_reached' ? 1 : 0 },
  ]
  found.push({ code: 'assists', count: openAssists(view).length })
  return found.filter((warning) => warning.count > 0)
}

function reached(view: OpenTicket): boolean {
  return view.detail.visits.length > 0
    || view.detail.contacts.some((contact) => contact.to === 'caller' && contact.outcome === 'reached')
}

/** The reply that stands to be judged, and the one before it that came back. */
export function replyAndPrevious(view: OpenTicket): { reply: Reply | null; previous: Reply | null } {
  const replies = [...view.detail.replies].sort((a, b) => b.number - a.number)
  return { reply: replies[0] ?? null, previous: replies.find((item, index) => index > 0 && item.sent_back !== null) ?? null }
}
