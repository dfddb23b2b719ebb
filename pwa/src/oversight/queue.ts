/** The station's queues: what waits for it, most pressing first. Which is which comes from the transition table. */
import { allowed } from '@/core/allowed'
import { byUrgency } from '@/core/lifecycle'
import type { Me, Policy, RowView } from '@/core/types'

export type QueueKey = 'dispatch' | 'review' | 'requests'

export function queues(
  tickets: readonly RowView[], policyOf: (ticket: RowView) => Policy | undefined, me: Me | null,
): Record<QueueKey, RowView[]> {
  const found: Record<QueueKey, RowView[]> = { dispatch: [], review: [], requests: [] }
  for (const ticket of [...tickets].sort(byUrgency)) {
    const policy = policyOf(ticket)
    if (!policy || !me) continue
    if (allowed('ticket.dispatch', ticket, policy, me)) found.dispatch.push(ticket)
    if (allowed('review.accept', ticket, policy, me)) found.review.push(ticket)
    if (ticket.open_requests.length > 0) found.requests.push(ticket)
  }
  return found
}
