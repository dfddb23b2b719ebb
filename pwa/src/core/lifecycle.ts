/** The only place on the phone that compares ticket states. Transitions themselves are data of the policy. */
import type { EvidenceState, Priority, Ticket, TicketState, TicketView } from './types'

export type Segment = 'unsigned' | 'working' | 'review' | 'returned' | 'done'
const SEGMENT: Record<TicketState, Segment> = {
  registered: 'unsigned', dispatched: 'unsigned', handling: 'working', signing: 'review', reviewing: 'review', redo: 'returned', closed: 'done',
}
const WEIGHT: Record<Priority, number> = { urgent: 0, mayor_line: 1, bureau_line: 2, normal: 3 }

/** Which part of the list a ticket stands in; a state that a newer server invents is shown as work in hand. */
export const segmentOf = (ticket: Pick<Ticket, 'state'>): Segment => SEGMENT[ticket.state] ?? 'working'
export const isClosed = (ticket: Pick<Ticket, 'state'>): boolean => ticket.state === 'closed'
export const needsSigning = (ticket: Pick<Ticket, 'state'>): boolean => ticket.state === 'dispatched'

/** The server holds the original, whole. */
export const isSafe = (state: EvidenceState): boolean => state === 'received' || state === 'ready'
export const isWithdrawn = (state: EvidenceState): boolean => state === 'withdrawn'
export const isRejected = (state: EvidenceState): boolean => state === 'rejected'

/** D2.2: 急件, 市长专线, 局长专线 first, then what ends soonest; `dueOf` gives the next deadline or null. */
export function byUrgency(dueOf: (view: TicketView) => string | null): (a: TicketView, b: TicketView) => number {
  return (a, b) => {
    const weight = (WEIGHT[a.priority] ?? 3) - (WEIGHT[b.priority] ?? 3)
    if (weight !== 0) return weight
    const x = dueOf(a) ?? '9'
    const y = dueOf(b) ?? '9'
    return x < y ? -1 : x > y ? 1 : a.number < b.number ? -1 : 1
  }
}
