/** What the big button of a ticket does for this person now. The transition table decides, never a state compared here. */
import { allowed } from '@/core/allowed'
import type { Me, Policy, TicketView } from '@/core/types'

export type NextKey = 'sign' | 'work' | 'signoff' | 'review' | 'decide' | 'dispatch' | 'wait'
export interface Next { key: NextKey; to: string | null }

export function nextAction(view: TicketView, policy: Policy, me: Me): Next {
  const can = (command: string) => allowed(command, view, policy, me)
  const at = (key: NextKey, page: string): Next => ({ key, to: `/t/${view.id}/${page}` })
  if (can('ticket.sign')) return at('sign', 'sign')
  if (can('reply.submit')) return { key: 'work', to: null }
  if (can('reply.sign_off')) return at('signoff', 'signoff')
  if (can('review.accept')) return at('review', 'review')
  if (view.open_requests.length > 0 && (can('request.decide') || can('request.record_answer'))) return at('decide', 'review')
  if (can('ticket.dispatch')) return at('dispatch', 'dispatch')
  return { key: 'wait', to: null }
}
