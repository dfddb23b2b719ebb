/**
 * Where the phone was when the shutter fell. Android strips the position from picked files and iOS drops it
 * altogether, so it is taken here and sent beside the photo. It never holds the shutter back.
 */
export interface Fix {
  lat: number
  lon: number
  accuracy_m: number
  /** UTC milliseconds of the fix itself, as the positioning service gave it. */
  at: number
}

/** Older than this and the person may have walked on to another door. */
export const FIX_MAX_AGE_MS = 60_000

/**
 * The best of several samples at instant `at` (UTC ms): the most accurate that is still fresh.
 * "Most accurate" alone was rejected: a good fix from the car park would beat the true one at the door.
 */
export function bestFix(samples: readonly Fix[], at: number): Fix | null {
  const fresh = samples.filter((fix) => Math.abs(at - fix.at) <= FIX_MAX_AGE_MS)
  if (fresh.length === 0) return null
  const cost = (fix: Fix) => fix.accuracy_m + Math.abs(at - fix.at) / 1000
  return fresh.reduce((best, fix) => (cost(fix) < cost(best) ? fix : best))
}

/** Metres east and north from one place to another; exact enough within a town. */
export function offset(from: Pick<Fix, 'lat' | 'lon'>, to: Pick<Fix, 'lat' | 'lon'>): [number, number] {
  const metres = 111_195
  return [(to.lon - from.lon) * metres * Math.cos((from.lat * Math.PI) / 180), (to.lat - from.lat) * metres]
}

/** What the samples beside the best one say of it: a phone in a hand never stands still, and one that jumps is told as well. */
export function sampledOf(samples: readonly Fix[], at: number): { samples: number; spread_m: number; span_s: number } {
  const fresh = samples.filter((fix) => Math.abs(at - fix.at) <= FIX_MAX_AGE_MS)
  const times = fresh.map((fix) => fix.at)
  const mean = (key: 'lat' | 'lon') => fresh.reduce((sum, fix) => sum + fix[key], 0) / fresh.length
  const middle = { lat: mean('lat'), lon: mean('lon') }
  const tenth = (value: number) => Math.round(value * 10) / 10
  return {
    samples: fresh.length, spread_m: tenth(Math.max(...fresh.map((fix) => Math.hypot(...offset(middle, fix))))),
    span_s: tenth((Math.max(...times) - Math.min(...times)) / 1000),
  }
}

export type FixQuality = 'none' | 'rough' | 'good'

/** ≤ 30 m tells one building from the next; more is said to be rough, not hidden. */
export function qualityOf(fix: Fix | null): FixQuality {
  if (!fix) return 'none'
  return fix.accuracy_m <= 30 ? 'good' : 'rough'
}
