/**
 * Server time on a phone whose own clock may be wrong by years, or be moved while we watch.
 *
 * An anchor ties one instant of server time to the phone's wall clock and to its monotonic clock. While the page runs, only
 * the monotonic clock counts, so moving the phone's clock moves nothing here. That clock stops while the phone sleeps,
 * therefore a wall clock that ran ahead by less than `LONGEST_SLEEP` is believed to be sleep; a larger or backward step is
 * believed to be a change of the clock.
 */
export interface Anchor { server: number; wall: number; mono: number }
/** What survives a restart; the monotonic clock does not. */
export interface StoredAnchor { offset: number; server: number }
export interface Reading { wall: number; mono: number }

const LONGEST_SLEEP = 48 * 3_600_000
const JITTER = 2_000

export function anchorAt(server: number, now: Reading): Anchor {
  return { server, wall: now.wall, mono: now.mono }
}

/** After a restart: the phone's clock plus the kept offset, but never before an instant the server has already named. */
export function restore(stored: StoredAnchor | null, now: Reading): Anchor {
  const guess = stored ? Math.max(now.wall + stored.offset, stored.server) : now.wall
  return anchorAt(guess, now)
}

export function serverTime(anchor: Anchor, now: Reading): number {
  const mono = Math.max(0, now.mono - anchor.mono)
  const ahead = now.wall - anchor.wall - mono
  const slept = ahead > JITTER && ahead <= LONGEST_SLEEP ? ahead : 0
  return Math.round(anchor.server + mono + slept)
}

export function toStore(anchor: Anchor): StoredAnchor {
  return { offset: anchor.server - anchor.wall, server: anchor.server }
}

/** Milliseconds in front of the dot; null when the beacon is not one. */
export function beaconTime(beacon: string): number | null {
  const ms = Number(beacon.split('.', 1)[0])
  return Number.isFinite(ms) && ms > 0 ? ms : null
}
