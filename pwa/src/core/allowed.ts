/**
 * What the phone offers. The table comes from the server as data; the server judges again. Offering too little hides work
 * from a person, offering too much costs a refused command, so unknown commands are not offered.
 */
import type { Me, Policy, Role, TicketView } from './types'

type Standing = Pick<TicketView, 'state' | 'unit'> & Partial<Pick<TicketView, 'detail'>>
export type Grant = Me['roles'][number]

/** What a helping unit (协办, 吹哨) may do on a ticket that stands with another one. */
const HELPING = new Set(['assist.sign', 'assist.report', 'contact.record', 'visit.record', 'evidence.declare', 'evidence.withdraw', 'thread.post'])
/** These are the helper's alone: the unit that asked for help does not answer itself. */
const HELPERS_ONLY = new Set(['assist.sign', 'assist.report'])
/** A liaison works for the own unit, leaders (and their deputies) for every unit below theirs, the others for the whole place. */
const REACH: Partial<Record<Role, 'here' | 'below'>> = { liaison: 'here', reviewer: 'below', leader: 'below', chief: 'below' }

function stands(grant: Grant, view: Standing): boolean {
  const reach = REACH[grant.role]
  const unit = view.unit?.id
  if (reach === undefined) return true
  return unit !== undefined && (grant.unit_id === unit || (reach === 'below' && (grant.below ?? []).includes(unit)))
}

/** Whether the person is liaison of a unit that helps on this ticket. */
export function helps(view: Standing, me: Me): boolean {
  const units = (view.detail?.assists ?? []).filter((item) => !item.ended_at).map((item) => item.unit.id)
  return me.roles.some((grant) => grant.role === 'liaison' && units.includes(grant.unit_id))
}

/** The person's grants that count on this ticket, own ones before those held as deputy. */
export function grantsOn(view: Standing, me: Me): Grant[] {
  return me.roles.filter((grant) => stands(grant, view)).sort((a, b) => Number(!!a.acting_for) - Number(!!b.acting_for))
}

function rolesOn(command: string, view: Standing, me: Me): Set<Role> {
  const roles = new Set<Role>(HELPERS_ONLY.has(command) ? [] : grantsOn(view, me).map((grant) => grant.role))
  if (HELPING.has(command) && helps(view, me)) roles.add('liaison')
  return roles
}

/** Whether the transition table offers `command` to this person for the ticket as it stands on this phone. */
export function allowed(command: string, view: Standing, policy: Policy, me: Me): boolean {
  const roles = rolesOn(command, view, me)
  return policy.transitions.some(
    (row) => row.command === command && row.from.includes(view.state) && row.roles.some((role) => roles.has(role)),
  )
}

export interface Guard { kind: string; label: string; until: string; assumed: boolean; cite: string }

/** Until when something may still be asked, soonest first; passed ones included (the screen says that they passed). */
export function guards(view: TicketView): Guard[] {
  return view.clocks
    .filter((c) => c.kind === 'guard' && !c.met_at && !c.stopped_at)
    .map((c) => ({ kind: c.clock, label: c.label, until: c.due_at, assumed: c.assumed, cite: c.cite }))
    .sort((a, b) => (a.until < b.until ? -1 : 1))
}
