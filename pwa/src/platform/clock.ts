/** Server time for everything the phone shows or stamps (see core/serverClock for why not Date.now()). */
import { anchorAt, beaconTime, restore, serverTime, toStore, type Reading, type StoredAnchor } from '@/core/serverClock'

const reading = (): Reading => ({ wall: Date.now(), mono: performance.now() })

let anchor = restore(null, reading())
let held: string | null = null

/** Best known server time, ms UTC. */
export function serverNow(): number {
  return serverTime(anchor, reading())
}

/** The last beacon heard, sent along with every command. */
export function beacon(): string | null {
  return held
}

/** Called with every answer of the server; returns what must be kept durably, null when the beacon is malformed. */
export function hearBeacon(text: string): { beacon: string; anchor: StoredAnchor } | null {
  const server = beaconTime(text)
  if (server === null) return null
  anchor = anchorAt(server, reading())
  held = text
  return { beacon: text, anchor: toStore(anchor) }
}

/** At boot, with what was kept. */
export function restoreClock(kept: { beacon: string; anchor: StoredAnchor } | null): void {
  anchor = restore(kept?.anchor ?? null, reading())
  held = kept?.beacon ?? null
}

/** Whether the phone's own clock is off by more than `ms`: worth telling the person. */
export function wallClockOff(ms: number): boolean {
  return Math.abs(Date.now() - serverNow()) > ms
}
