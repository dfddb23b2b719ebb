/** Which requests (退单, 延期 …) can still be asked for on a ticket, and until when. Data of the policy only. */
import type { Clock, Pending, Policy, RequestPolicy, RequestRow, TicketView } from '@/core/types'

export type Closed = 'state' | 'late' | 'open' | 'unknown'

export interface RequestOption {
  policy: RequestPolicy
  /** The guard's instant; null when the ticket has no such clock (nothing bounds it). */
  until: string | null
  clock: Clock | null
  /** Why it cannot be asked now; null = it can. */
  closed: Closed | null
  used: number
  open: Pending<RequestRow> | null
}

const OPEN = new Set(['station', 'city'])

/** `now` is server time in ms. The guard's own instant still counts as in time, as on the server. */
export function requestOptions(view: TicketView, policy: Policy, now: number): RequestOption[] {
  return policy.requests.map((kind) => {
    const rows = (view.detail?.requests ?? []).filter((row) => row.kind === kind.kind)
    const open = rows.find((row) => OPEN.has(row.state)) ?? null
    const clock = view.clocks.find((item) => item.clock === kind.clock) ?? null
    return {
      policy: kind, clock, until: clock?.due_at ?? null, used: rows.length, open,
      closed: closedBecause(view, kind, clock, open !== null, now),
    }
  })
}

function closedBecause(
  view: TicketView, kind: RequestPolicy, clock: Clock | null, open: boolean, now: number,
): Closed | null {
  if (open) return 'open'
  if (!kind.from.includes(view.state)) return 'state'
  if (clock && now > Date.parse(clock.due_at)) return 'late'
  return null
}

export function optionOf(options: readonly RequestOption[], kind: string): RequestOption | null {
  return options.find((option) => option.policy.kind === kind) ?? null
}
