/** What the big button of a ticket does for this person now. The transition table decides, never a state compared here. */
import { allowed } from '@/core/allowed'
import type { Me, Policy, TicketView } from '@/core/types'
import { assistsTo } from '@/joint/assists'
import { turnsOf } from '@/requests/turn'
import { signerOf } from '@/replies/signer'

export type NextKey = 'sign' | 'work' | 'signoff' | 'review' | 'decide' | 'dispatch' | 'assist' | 'wait'
export interface Next { key: NextKey; to: string | null }

export function nextAction(view: TicketView, policy: Policy, me: Me): Next {
  const can = (command: string) => allowed(command, view, policy, me)
  const at = (key: NextKey, page: string): Next => ({ key, to: `/t/${view.id}/${page}` })
  if (can('ticket.sign')) return at('sign', 'sign')
  if (can('reply.submit')) return { key: 'work', to: null }
  if (assistsTo(view, me).some((item) => !item.reported_at && !item.ended_at) && can('assist.report')) return at('assist', 'assist')
  if (can('reply.sign_off') && signerOf(view, me)) return at('signoff', 'signoff')
  if (can('review.accept')) return at('review', 'review')
  if (turnsOf(view, policy, me).some((turn) => !turn.own)) return at('decide', 'decide')
  if (view.open_requests.length > 0 && (can('request.decide') || can('request.record_answer'))) return at('decide', 'review')
  if (can('ticket.dispatch')) return at('dispatch', 'dispatch')
  return { key: 'wait', to: null }
}
