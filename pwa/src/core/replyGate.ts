/**
 * Pre-check of a reply on the phone, so that nobody learns on Monday that Friday's reply was too thin. The server's gate decides;
 * both must pass the same vectors (tests/vectors/reply_gate.json), so a change here is a change there.
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
export type Severity = 'block' | 'warn'
export interface Finding { code: string; severity: Severity; part: string | null; facts: Record<string, unknown> }

/** Unicode categories that say nothing: punctuation, symbols and emoji, blanks, controls, marks. */
const SILENT = /[\p{P}\p{S}\p{Z}\p{C}\p{M}]/gu
const QUOTED = 20

export const normalise = (text: string) => text.normalize('NFKC').replace(SILENT, '')
/** Code points, not UTF-16 units: the server counts 𠮷 once. */
const length = (text: string) => Array.from(text).length

function madeOf(text: string, words: string[]): boolean {
  const reachable = new Set([0])
  for (let start = 0; start < text.length; start++) {
    if (!reachable.has(start)) continue
    for (const word of words) if (text.startsWith(word, start)) reachable.add(start + word.length)
  }
  return reachable.has(text.length)
}

/** The phrase that `text` consists of when it can be cut without remainder into phrases and fillers, else null. */
export function emptyPhrase(text: string, phrases: string[], fillers: string[]): string | null {
  const bare = normalise(text)
  const said = phrases.map((shown) => [shown, normalise(shown)] as const)
  const words = [...said.map(([, word]) => word), ...fillers.map(normalise)].filter((word) => word !== '')
  if (bare === '' || !madeOf(bare, words)) return null
  const hit = said.find(([, word]) => word !== '' && bare.includes(word))
  return hit ? hit[0] : Array.from(bare).slice(0, QUOTED).join('')
}

function found(code: string, severity: Severity, part: string | null = null, facts: Record<string, unknown> = {}): Finding {
  return { code, severity, part, facts }
}

function checkPart(part: ReplyPart, text: string, policy: ReplyPolicy): Finding[] {
  const have = length(normalise(text))
  if (have === 0) return part.required ? [found('part_missing', 'block', part.key)] : []
  const phrase = emptyPhrase(text, policy.empty_phrases, policy.fillers)
  if (phrase !== null) return [found('part_empty_phrase', 'block', part.key, { phrase })]
  if (have < part.min_chars) return [found('part_too_short', 'block', part.key, { min: part.min_chars, have })]
  const typed = length(text)
  return typed > part.max_chars ? [found('part_too_long', 'block', part.key, { max: part.max_chars, have: typed })] : []
}

/** What the reply lacks, in the order of the form; empty when nothing does. */
export function check(policy: ReplyPolicy, facts: ReplyFacts): Finding[] {
  const findings = policy.parts.flatMap((part) => checkPart(part, facts.parts[part.key] ?? '', policy))
  if (!policy.opinion.options.some((option) => option.key === facts.opinion)) findings.push(found('opinion_missing', 'block'))
  const { before, after, severity } = policy.photos
  if (facts.photos_before < before) findings.push(found('photo_before_missing', severity, null, { min: before, have: facts.photos_before }))
  if (facts.photos_after < after) findings.push(found('photo_after_missing', severity, null, { min: after, have: facts.photos_after }))
  if (policy.visit.required && facts.visits + facts.visit_exceptions === 0) findings.push(found('visit_missing', policy.visit.severity))
  return findings
}
