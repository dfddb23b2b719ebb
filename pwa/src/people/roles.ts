/** Which roles somebody may hand out: those of the station and above are an administrator's to give. */
import type { Me, Role } from '@/core/types'

const IN_UNITS: Role[] = ['liaison', 'reviewer', 'leader', 'chief']
const ABOVE: Role[] = ['station', 'supervisor', 'admin']

export function givable(me: Me): Role[] {
  return me.roles.some((grant) => grant.role === 'admin') ? [...IN_UNITS, ...ABOVE] : IN_UNITS
}

export interface NewRole { unit: string; role: string; rank: string }

/** Arguments of membership.assign; only a liaison has a rank. */
export function assignment(person: string, wanted: NewRole): Record<string, unknown> {
  return { unit_id: wanted.unit, person_id: person, role: wanted.role, ...(wanted.role === 'liaison' ? { rank: wanted.rank } : {}) }
}
