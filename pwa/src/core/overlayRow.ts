/** A row of the list as the person left it: the server's snapshot plus what this phone has not been answered yet. */
import type { OutboxItem, OwnWork, Policy, TicketState } from './types'

/** Where the pending commands lead by the policy's transition table, starting from what the server said. */
export function stateAfter(from: TicketState, pending: OutboxItem[], policy: Policy | undefined): TicketState {
  let state = from
  for (const item of pending) {
    const step = policy?.transitions.find((x) => x.command === item.command.name && x.from.includes(state) && x.to !== null)
    if (step) state = step.to!
  }
  return state
}

export const isPending = (item: OutboxItem): boolean => item.state === 'waiting' || item.state === 'sending'

/** `items`: this phone's commands for the ticket, any order. `ticket`: a whole one or a row, as the server said it. */
export function overlayRow<T extends { state: TicketState }>(ticket: T, items: OutboxItem[], policy?: Policy): T & OwnWork {
  const mine = [...items].sort((a, b) => a.seq - b.seq)
  const pending = mine.filter(isPending)
  const state = stateAfter(ticket.state, pending, policy)
  return {
    ...ticket,
    state,
    server_state: ticket.state,
    state_is_local: state !== ticket.state,
    pending,
    refused: mine.filter((item) => item.state === 'refused'),
  }
}
