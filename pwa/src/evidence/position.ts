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

export type FixQuality = 'none' | 'rough' | 'good'

/** ≤ 30 m tells one building from the next; more is said to be rough, not hidden. */
export function qualityOf(fix: Fix | null): FixQuality {
  if (!fix) return 'none'
  return fix.accuracy_m <= 30 ? 'good' : 'rough'
}
