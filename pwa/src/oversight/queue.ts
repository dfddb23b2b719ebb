/** The station's queues: what waits for it, most pressing first. Which is which comes from the transition table. */
import { allowed } from '@/core/allowed'
import { nextClock } from '@/core/countdown'
import type { Me, Policy, TicketView } from '@/core/types'

export type QueueKey = 'dispatch' | 'review' | 'requests' | 'all'
const PRIORITY: Record<TicketView['priority'], number> = { urgent: 0, mayor_line: 1, bureau_line: 2, normal: 3 }

export function queues(
  tickets: readonly TicketView[], policyOf: (ticket: TicketView) => Policy | undefined, me: Me | null,
): Record<QueueKey, TicketView[]> {
  const found: Record<QueueKey, TicketView[]> = { dispatch: [], review: [], requests: [], all: [] }
  for (const ticket of [...tickets].sort(pressing)) {
    const policy = policyOf(ticket)
    if (!policy || !me) continue
    found.all.push(ticket)
    if (allowed('ticket.dispatch', ticket, policy, me)) found.dispatch.push(ticket)
    if (allowed('review.accept', ticket, policy, me)) found.review.push(ticket)
    if (ticket.open_requests.length > 0) found.requests.push(ticket)
  }
  return found
}

/** 急件, 市长专线, 局长专线 come first everywhere; then what is due next; a ticket without a running clock last. */
export function pressing(a: TicketView, b: TicketView): number {
  const rank = PRIORITY[a.priority] - PRIORITY[b.priority]
  if (rank !== 0) return rank
  const due = (ticket: TicketView) => nextClock(ticket.clocks)?.due_at ?? '9999'
  return due(a) < due(b) ? -1 : due(a) > due(b) ? 1 : 0
}
