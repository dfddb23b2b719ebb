/**
 * Pre-check of a reply on the phone. The server's gate decides; both pass the same vectors (tests/vectors/reply_gate.json).
 */
import type { Opinion, ReplyPart, ReplyPolicy } from './types'

export interface ReplyFacts {
  parts: Record<string, string>
  opinion: Opinion | null
  photos_before: number
  photos_after: number
  visits: number
  visit_exceptions: number
}

export interface Finding {
  code: string
  severity: 'block' | 'warn'
  part: string | null
  facts: Record<string, unknown>
}

const block = (code: string, part: string | null, facts: Record<string, unknown> = {}): Finding =>
  ({ code, severity: 'block', part, facts })

/** Code points, not UTF-16 units: the server counts 𠮷 once. */
const length = (text: string) => Array.from(text).length

function checkPart(part: ReplyPart, text: string, phrases: string[]): Finding[] {
  const have = length(text)
  if (have === 0) return part.required ? [block('part_missing', part.key)] : []
  const phrase = phrases.find((p) => text === p)
  if (phrase !== undefined) return [block('part_empty_phrase', part.key, { phrase })]
  if (have < part.min_chars) return [block('part_too_short', part.key, { min: part.min_chars, have })]
  if (have > part.max_chars) return [block('part_too_long', part.key, { max: part.max_chars, have })]
  return []
}

export function check(policy: ReplyPolicy, facts: ReplyFacts): Finding[] {
  const found = policy.parts.flatMap((part) => checkPart(part, (facts.parts[part.key] ?? '').trim(), policy.empty_phrases))
  if (facts.opinion === null) found.push(block('opinion_missing', null))
  const { before, after } = policy.photos
  if (facts.photos_before < before) found.push(block('photo_before_missing', null, { min: before, have: facts.photos_before }))
  if (facts.photos_after < after) found.push(block('photo_after_missing', null, { min: after, have: facts.photos_after }))
  if (policy.visit.required && facts.visits + facts.visit_exceptions === 0) found.push(block('visit_missing', null))
  return found
}
