/** Builds the one envelope that every change of the domain travels in. */
import type { Command } from './types'

// Present in browsers, workers and Node alike; core is compiled without DOM, so it says what it needs.
declare const crypto: { getRandomValues(into: Uint8Array): Uint8Array }

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')

let lastMs = -1
let count = 0

/**
 * UUID version 7 (RFC 9562): 48 bits of `ms` since 1970, a 12-bit counter, 62 random bits. Ids made in the same millisecond sort in
 * the order they were made.
 */
export function newId(ms: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  let rest = Math.max(0, Math.floor(ms))
  // Starts in the lower half at random, so that two tabs in one millisecond still differ there.
  count = rest === lastMs ? (count + 1) & 0xfff : ((bytes[6]! << 8) | bytes[7]!) & 0x7ff
  lastMs = rest
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes[6] = 0x70 | (count >> 8)
  bytes[7] = count & 0xff
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const h = hex(bytes)
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}

export interface Stamp {
  /** Best known server time, ms. */
  now: number
  /** The last beacon this phone held when the person tapped: proof of the earliest possible instant. */
  beacon: string | null
}

/**
 * Null and empty arguments are left out: to the server a field is either there with a value or not there. The copy goes through JSON,
 * so what a screen hands over (reactive proxies included) becomes the plain content that will travel.
 */
export function buildCommand(name: string, ticketId: string | null, args: Record<string, unknown>, at: Stamp): Command {
  const clean: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(args)) {
    if (value !== undefined && value !== null && value !== '') clean[key] = JSON.parse(JSON.stringify(value))
  }
  return {
    id: newId(at.now),
    name,
    ticket_id: ticketId,
    args: clean,
    captured_at: new Date(at.now).toISOString(),
    beacon: at.beacon,
  }
}
