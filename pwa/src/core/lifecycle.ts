/** The only place on the phone that compares ticket states. Transitions themselves are data of the policy. */
import type { EvidenceState, Priority, RowView, Ticket, TicketState } from './types'

export type Segment = 'unassigned' | 'unsigned' | 'working' | 'review' | 'returned' | 'resting' | 'done'
const SEGMENT: Record<TicketState, Segment> = {
  registered: 'unassigned', dispatched: 'unsigned', handling: 'working', signing: 'review', reviewing: 'review', redo: 'returned', suspended: 'resting', closed: 'done',
}
const WEIGHT: Record<Priority, number> = { urgent: 0, mayor_line: 1, bureau_line: 2, normal: 3 }

/** Which part of the list a ticket stands in; a state that a newer server invents is shown as work in hand. */
export const segmentOf = (ticket: Pick<Ticket, 'state'>): Segment => SEGMENT[ticket.state] ?? 'working'
export const isClosed = (ticket: Pick<Ticket, 'state'>): boolean => ticket.state === 'closed'
/** 挂单: nothing of it runs until the date. */
export const isResting = (ticket: Pick<Ticket, 'state'>): boolean => ticket.state === 'suspended'
export const needsSigning = (ticket: Pick<Ticket, 'state'>): boolean => ticket.state === 'dispatched'

/** The server holds the original, whole. */
export const isSafe = (state: EvidenceState): boolean => state === 'received' || state === 'ready'
export const isWithdrawn = (state: EvidenceState): boolean => state === 'withdrawn'
export const isRejected = (state: EvidenceState): boolean => state === 'rejected'

/** D2.2: 急件, 市长专线, 局长专线 first, then what ends soonest; without a running deadline last. */
export function byUrgency(a: RowView, b: RowView): number {
  const weight = (WEIGHT[a.priority] ?? 3) - (WEIGHT[b.priority] ?? 3)
  if (weight !== 0) return weight
  const x = a.due_at ?? '9'
  const y = b.due_at ?? '9'
  return x < y ? -1 : x > y ? 1 : a.number < b.number ? -1 : 1
}
