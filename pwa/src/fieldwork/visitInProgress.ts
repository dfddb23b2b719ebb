/**
 * A visit between 到达 and 离开. One command records the whole visit when it ends; until then every change is
 * written here synchronously, because the camera or a call may kill the page at any door.
 */
import type { Position, Visit } from '@/core/types'

export interface VisitInProgress {
  visitId: string
  personId: string
  arrivedAt: string
  mode: Visit['mode'] | null
  met: Visit['met'] | null
  metName: string
  note: string
  position: Position | null
}

const PREFIX = 'doorstep.visit.'
const keyOf = (ticketId: string) => PREFIX + ticketId

/** Tickets on which anybody began a visit on this phone. */
export const visitedTickets = (): string[] =>
  Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length))

export function keepVisit(ticketId: string, visit: VisitInProgress): void {
  localStorage.setItem(keyOf(ticketId), JSON.stringify(visit))
}

/**
 * The visit this person began on this phone and has not ended. `recorded`: the ticket's visits; one that is among them was ended, even
 * if a kill brought the note of it back.
 */
export function visitInProgress(ticketId: string, personId: string, recorded: readonly { id: string }[]): VisitInProgress | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(ticketId)) ?? 'null')
    if (typeof value !== 'object' || value === null || !('visitId' in value)) return null
    const visit = value as VisitInProgress
    if (recorded.some((one) => one.id === visit.visitId)) {
      forgetVisit(ticketId)
      return null
    }
    return visit.personId === personId ? visit : null
  } catch {
    return null
  }
}

export function forgetVisit(ticketId: string): void {
  localStorage.removeItem(keyOf(ticketId))
}

/**
 * Failed calls since the caller was last reached, as the server counts them; the policy says after how many 联系不上 is a ground. The same
 * starting instant counts once: a doubled tap is not a second attempt.
 */
export function failedAttempts(contacts: readonly { to: string; outcome: string; started_at: string }[]): number {
  const calls = contacts.filter((contact) => contact.to === 'caller').sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at))
  const reached = calls.map((contact) => contact.outcome).lastIndexOf('reached')
  return new Set(calls.slice(reached + 1).map((contact) => Date.parse(contact.started_at))).size
}
