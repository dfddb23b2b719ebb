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
  /** What a profile asks for beyond parts and photos; absent means none of it. */
  fields?: Record<string, string>
  finish?: string | null
  commitment?: { text: string; due_on: string } | null
  basis?: string
  statement?: string
  answers?: { reason: string; text: string }[]
  /** Conversations with the caller of that purpose; visits with the caller in person; conversations by phone. */
  first_contacts?: number
  second_contacts?: number
  met_caller?: number
  calls?: number
  /** Call recordings attached to this reply. */
  recordings?: number
  anonymous?: boolean
  /** Anonymous, or on record as unreachable. */
  out_of_reach?: boolean
  source?: string
  priority?: string
  redo_count?: number
  /** Why the last version came back. */
  reasons?: string[]
  /** The local date, 2026-11-20. */
  today?: string
}
export type Severity = 'block' | 'warn'
export interface Finding { code: string; severity: Severity; part: string | null; facts: Record<string, unknown> }

/** What a profile may ask for; a phone may hold a policy from before these keys. */
interface Demands {
  fields?: { key: string; format: string; required: boolean }[]
  finishes?: { key: string; label: string; opinions: string[]; needs: string[] }[]
  contacts?: { first: boolean; second: boolean; severity: string } | null
  face_to_face?: { sources: string[]; priorities: string[]; redo_from: number | null; severity: string } | null
  recording?: { severity: string } | null
  photos: { before: number; or_recording?: boolean }
}

/** Characters a policy basis or a statement of the case needs at least, and the answer to one reason of a send-back. */
const LEAST_SAID = 10
const LEAST_ANSWER = 4
const PHONE = /^(?:1[3-9]\d{9}|(?:0\d{2,3}-?)?\d{7,8}(?:-\d{1,6})?)$/

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

function checkField(field: NonNullable<Demands['fields']>[number], text: string, policy: ReplyPolicy): Finding[] {
  const have = length(normalise(text))
  if (have === 0) return field.required ? [found('field_missing', 'block', field.key)] : []
  const wrong = field.format === 'phone' ? !PHONE.test(text.trim().replace(/ /g, ''))
    : field.format === 'person' && (have < 2 || emptyPhrase(text, policy.empty_phrases, policy.fillers) !== null)
  return wrong ? [found('field_wrong', 'block', field.key)] : []
}

function says(text: string, policy: ReplyPolicy, least: number): boolean {
  return length(normalise(text)) >= least && emptyPhrase(text, policy.empty_phrases, policy.fillers) === null
}

function checkCommitment(policy: ReplyPolicy, facts: ReplyFacts): Finding[] {
  const { text, due_on: due } = facts.commitment ?? { text: '', due_on: '' }
  if (!says(text, policy, LEAST_ANSWER) || due === '') return [found('commitment_missing', 'block')]
  return due < (facts.today ?? '') ? [found('commitment_past', 'block', null, { due })] : []
}

/** How the ticket is finished is asked where one of the profile's ways suits the caller's opinion. */
function checkFinish(policy: ReplyPolicy, finishes: NonNullable<Demands['finishes']>, facts: ReplyFacts): Finding[] {
  const suits = (one: { opinions: string[] }) => one.opinions.length === 0 || one.opinions.includes(facts.opinion ?? '')
  const finish = finishes.find((one) => one.key === facts.finish)
  if (!finish) return finishes.some(suits) ? [found('finish_missing', 'block')] : []
  const findings = suits(finish) ? [] : [found('finish_unfit', 'block', null, { finish: finish.label })]
  for (const need of finish.needs) {
    if (need === 'commitment') findings.push(...checkCommitment(policy, facts))
    else if (!says((need === 'basis' ? facts.basis : facts.statement) ?? '', policy, LEAST_SAID)) {
      findings.push(found(`${need}_missing`, 'block', null, { min: LEAST_SAID, finish: finish.label }))
    }
  }
  return findings
}

function checkDuties(asks: Demands, facts: ReplyFacts): Finding[] {
  const { contacts, face_to_face: face, recording } = asks
  const findings: Finding[] = []
  if (contacts && !facts.out_of_reach) {
    if (contacts.first && !facts.first_contacts) findings.push(found('first_contact_missing', contacts.severity as Severity))
    if (contacts.second && !facts.second_contacts) findings.push(found('second_contact_missing', contacts.severity as Severity))
  }
  const inPerson = face && ((face.redo_from !== null && (facts.redo_count ?? 0) >= face.redo_from)
    || face.sources.includes(facts.source ?? '') || face.priorities.includes(facts.priority ?? ''))
  // Somebody who gave no name cannot be met; whoever cannot be reached by phone can still be called on.
  if (inPerson && !facts.anonymous && !facts.met_caller) findings.push(found('face_to_face_missing', face.severity as Severity))
  if (recording && facts.visits === 0 && facts.calls && !facts.recordings) findings.push(found('recording_missing', recording.severity as Severity))
  return findings
}

/** Every reason of the send-back is answered, one by one; an answer belongs to the reason it repeats. */
function checkReasons(policy: ReplyPolicy, facts: ReplyFacts): Finding[] {
  const said = new Map((facts.answers ?? []).map((answer) => [answer.reason, answer.text]))
  return [...new Set(facts.reasons ?? [])].filter((reason) => !says(said.get(reason) ?? '', policy, LEAST_ANSWER))
    .map((reason) => found('reason_unanswered', 'block', null, { reason, min: LEAST_ANSWER }))
}

/** What the reply lacks, in the order of the form; empty when nothing does. */
export function check(policy: ReplyPolicy, facts: ReplyFacts): Finding[] {
  const asks: Demands = policy
  const findings = policy.parts.flatMap((part) => checkPart(part, facts.parts[part.key] ?? '', policy))
  if (!policy.opinion.options.some((option) => option.key === facts.opinion)) findings.push(found('opinion_missing', 'block'))
  const { before, after, severity } = policy.photos
  const excused = asks.photos.or_recording === true && (facts.recordings ?? 0) > 0
  if (facts.photos_before < before && !excused) findings.push(found('photo_before_missing', severity, null, { min: before, have: facts.photos_before }))
  if (facts.photos_after < after && !excused) findings.push(found('photo_after_missing', severity, null, { min: after, have: facts.photos_after }))
  if (policy.visit.required && facts.visits + facts.visit_exceptions === 0) findings.push(found('visit_missing', policy.visit.severity))
  findings.push(...(asks.fields ?? []).flatMap((field) => checkField(field, facts.fields?.[field.key] ?? '', policy)))
  findings.push(...checkFinish(policy, asks.finishes ?? [], facts), ...checkDuties(asks, facts), ...checkReasons(policy, facts))
  return findings
}
