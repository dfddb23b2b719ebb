/**
 * A call that has left for the dialler. Kept in localStorage, not IndexedDB: `tel:` may freeze or kill the page
 * in the same breath, and only a synchronous write is sure to be there when the person comes back.
 */
export interface OpenCall {
  ticketId: string
  contactId: string
  personId: string
  to: 'caller' | 'station'
  /** ISO, server time. */
  startedAt: string
}

const KEY = 'doorstep.call'
/** After half a day nobody remembers how a call ended; the row would be an invention. */
const FORGET_MS = 12 * 3600_000

export function leaveForCall(call: OpenCall): void {
  localStorage.setItem(KEY, JSON.stringify(call))
}

/** The call of this person whose outcome is still owed, on whatever ticket. `now` in ms. */
export function owedCall(personId: string, now: number): OpenCall | null {
  const call = read()
  return call === null || call.personId !== personId || now - Date.parse(call.startedAt) > FORGET_MS ? null : call
}

/** The same, if it is on this ticket. */
export function openCall(ticketId: string, personId: string, now: number): OpenCall | null {
  const call = owedCall(personId, now)
  return call?.ticketId === ticketId ? call : null
}

export function closeCall(): void {
  localStorage.removeItem(KEY)
}

/** Seconds between leaving and coming back: at most this long, since ringing counts too. */
export function secondsSince(call: OpenCall, now: number): number {
  return Math.max(0, Math.round((now - Date.parse(call.startedAt)) / 1000))
}

function read(): OpenCall | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return typeof value === 'object' && value !== null && 'contactId' in value ? (value as OpenCall) : null
  } catch {
    return null
  }
}
