/**
 * Which requests (退单, 延期, 挂单 …) can be asked for on a ticket, and until when. The server computed it (`askable`); this only adds what
 * has happened on this phone since: time has passed, and work is waiting to be sent.
 */
import { grantsOn } from '@/core/allowed'
import type { Askable, Clock, Me, Pending, Policy, RequestPolicy, RequestRow, TicketView } from '@/core/types'

export type Closed = 'state' | 'late' | 'open' | 'refused'

export interface RequestOption {
  policy: RequestPolicy
  /** Which form of it: null the ordinary one, or the key of the policy's variant. */
  variant: string | null
  /** The last instant; null when nothing bounds it. */
  until: string | null
  clock: Clock | null
  /** Why it cannot be asked now; null = it can. */
  closed: Closed | null
  /** The server's sentence for it, where it gave one. */
  message: string | null
  /** A contact or a visit on record would open it. */
  lacksRecord: boolean
  used: number
  most: number | null
  open: Pending<RequestRow> | null
}

const ENDED = new Set(['approved', 'refused', 'withdrawn', 'lapsed'])
const LATE = new Set(['request_too_late', 'extension_overdue'])
/** Refusals that a record waiting on this phone may have answered already; the server judges in the order of the outbox. */
const BY_RECORD = new Set(['request_not_verified', 'request_not_visited', 'request_caller_not_told'])

export const isOpenRequest = (row: Pick<RequestRow, 'state'>): boolean => !ENDED.has(row.state)

/** `now` is server time in ms. The guard's own instant still counts as in time, as on the server. */
export function requestOptions(view: TicketView, policy: Policy, now: number): RequestOption[] {
  return policy.requests.flatMap((kind) => {
    const variants = [null, ...(kind.variant ? [kind.variant.key] : [])]
    return variants.map((variant) => optionFor(view, kind, variant, now))
  })
}

/** The same, but only kinds that the profile lets this person ask for on this ticket. */
export function ownOptions(view: TicketView, policy: Policy, me: Me, now: number): RequestOption[] {
  const roles = new Set<string>(grantsOn(view, me).map((grant) => grant.role))
  return requestOptions(view, policy, now).filter(({ policy: kind }) => (kind.asked_by ?? ['liaison']).some((role) => roles.has(role)))
}

function optionFor(view: TicketView, kind: RequestPolicy, variant: string | null, now: number): RequestOption {
  const rows = (view.detail?.requests ?? []).filter((row) => row.kind === kind.kind)
  const open = rows.find(isOpenRequest) ?? null
  const guard = variant === null ? kind.clock : kind.variant?.clock
  const clock = view.clocks.find((item) => item.clock === guard) ?? null
  const said = view.detail?.askable?.find((item) => item.kind === kind.kind && item.variant === variant) ?? null
  const until = said ? said.until : clock?.due_at ?? null
  const closed = closedBecause(view, kind, said, until, open !== null, now)
  return {
    policy: kind, variant, clock, until, open, closed,
    message: closed === 'refused' || closed === 'late' ? said?.message ?? null : null,
    lacksRecord: closed === 'refused' && BY_RECORD.has(said?.code ?? ''),
    used: said?.used ?? rows.length, most: said?.most ?? kind.most ?? null,
  }
}

function closedBecause(
  view: TicketView, kind: RequestPolicy, said: Askable | null, until: string | null, open: boolean, now: number,
): Closed | null {
  if (open) return 'open'
  if (!kind.from.includes(view.state)) return 'state'
  const overtaken = said !== null && (
    (said.code === 'state_wrong' && view.state_is_local) || (BY_RECORD.has(said.code ?? '') && view.pending.length > 0)
    || (said.code === 'request_already_open' && view.pending.some((item) => item.command.name === 'request.withdraw')))
  if (said && !said.allowed && !overtaken) return LATE.has(said.code ?? '') ? 'late' : 'refused'
  return until !== null && now > Date.parse(until) ? 'late' : null
}

export function optionOf(options: readonly RequestOption[], kind: string, variant: string | null = null): RequestOption | null {
  return options.find((option) => option.policy.kind === kind && option.variant === variant) ?? null
}
