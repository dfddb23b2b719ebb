/** What every ticket screen is given: nothing of it can be missing any more. */
import type { DetailView, Me, Policy, TicketView } from '@/core/types'

export type OpenTicket = TicketView & { detail: DetailView }
export interface ScreenProps { view: OpenTicket; policy: Policy; me: Me }

export function isOpen(view: TicketView | undefined): view is OpenTicket {
  return view !== undefined && view.detail !== null
}
