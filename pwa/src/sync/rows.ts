/** What stays in memory of each ticket. A whole one with its clocks and derivations takes ten times as much. */
import { nextClock } from '@/core/countdown'
import type { OutboxItem, RowView, Ticket } from '@/core/types'

const words = new Map<string, unknown>()
const NO_WORK: OutboxItem[] = []
const NO_REQUESTS: string[] = []

/** The same unit, source or label stands on thousands of rows: they share one copy. */
function shared<T>(value: T): T {
  if (value === null || value === '') return value
  const key = typeof value === 'string' ? value : JSON.stringify(value)
  const held = words.get(key)
  if (held !== undefined) return held as T
  words.set(key, value)
  return value
}

/** The row of a ticket without work of this phone. Named field by field: a spread of a row read from disk becomes a hash table. */
export function rowOf(ticket: Ticket): RowView {
  const next = nextClock(ticket.clocks)
  const state = shared(ticket.state)
  return {
    id: ticket.id, version: ticket.version, number: ticket.number, title: ticket.title, state, priority: shared(ticket.priority),
    policy_id: shared(ticket.policy_id), source: shared(ticket.source), area: shared(ticket.area), unit: shared(ticket.unit),
    handler: shared(ticket.handler), redo_count: ticket.redo_count, closed_how: shared(ticket.closed_how ?? null),
    open_requests: ticket.open_requests.length > 0 ? ticket.open_requests : NO_REQUESTS,
    due_at: next && next.due_at, due_label: next ? shared(next.label) : '',
    pending: NO_WORK, refused: NO_WORK, server_state: state, state_is_local: false,
  }
}

export const forgetWords = (): void => words.clear()
