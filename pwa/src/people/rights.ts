/** What a person may change in the directory: own unit as liaison or leader, everything as station or admin. */
import type { Me, Unit } from '@/core/types'

export function managesAll(me: Me): boolean {
  return me.roles.some((grant) => grant.role === 'station' || grant.role === 'admin')
}

export function managesUnit(me: Me, unit: Pick<Unit, 'id'>): boolean {
  return managesAll(me) || me.roles.some((grant) => grant.unit_id === unit.id && (grant.role === 'liaison' || grant.role === 'leader'))
}

/** Holds a role that somebody may stand in for; not one that is itself held as deputy. */
export function leads(me: Me): boolean {
  return me.roles.some((grant) => grant.acting_for === null && (grant.role === 'reviewer' || grant.role === 'leader' || grant.role === 'chief'))
}

/** Chinese mobile number, as the server demands it. */
export function isMobile(phone: string): boolean {
  return /^1[3-9]\d{9}$/.test(phone)
}
