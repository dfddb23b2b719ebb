/**
 * What the phone offers. The table comes from the server as data; the server judges again. Offering too little hides work
 * from a person, offering too much costs a refused command, so unknown commands are not offered.
 */
import type { Me, Policy, Role, TicketView } from './types'

type Standing = Pick<TicketView, 'state' | 'unit'>

function rolesOn(view: Standing, me: Me): Set<Role> {
  const roles = new Set<Role>()
  for (const grant of me.roles) {
    const bound = grant.role === 'liaison' || grant.role === 'leader'
    if (!bound || view.unit?.id === grant.unit_id) roles.add(grant.role)
  }
  return roles
}

/** Whether the transition table offers `command` to this person for the ticket as it stands on this phone. */
export function allowed(command: string, view: Standing, policy: Policy, me: Me): boolean {
  const roles = rolesOn(view, me)
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
