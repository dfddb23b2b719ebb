/** What changed in a reply since it was last sent back, part by part, for the person who signs it. */
import { diffChars, diffWordsWithSpace } from 'diff'

export interface Piece {
  kind: 'same' | 'added' | 'removed'
  text: string
}

export interface PartChange {
  key: string
  changed: boolean
  pieces: Piece[]
}

type Segmenter = ConstructorParameters<typeof Intl.Segmenter>

/** Chinese has no spaces: without a segmenter a "word" would be the whole paragraph. */
function chineseSegmenter(): Intl.Segmenter | undefined {
  if (typeof Intl === 'undefined' || !('Segmenter' in Intl)) return undefined
  const args: Segmenter = ['zh', { granularity: 'word' }]
  return new Intl.Segmenter(...args)
}

/**
 * Pieces of `after` and what was taken from `before`, in reading order.
 * Words where the phone can segment them, characters otherwise (HarmonyOS ≤ 4 has no segmenter
 * for Chinese in every build): a character diff is noisier but never wrong.
 */
export function diffText(before: string, after: string): Piece[] {
  if (before === after) return after ? [{ kind: 'same', text: after }] : []
  const segmenter = chineseSegmenter()
  const changes = segmenter
    ? diffWordsWithSpace(before, after, { intlSegmenter: segmenter })
    : diffChars(before, after)
  return changes.map((change) => ({
    kind: change.added ? 'added' : change.removed ? 'removed' : 'same',
    text: change.value,
  }))
}

/** One entry per key, in the order given (the policy's order of parts); absent text counts as empty. */
export function diffParts(
  keys: readonly string[],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): PartChange[] {
  return keys.map((key) => {
    const old = before[key] ?? ''
    const now = after[key] ?? ''
    return { key, changed: old !== now, pieces: diffText(old, now) }
  })
}
