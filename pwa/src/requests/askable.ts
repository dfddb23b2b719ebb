/** What a request still lacks before it can be sent, in the words of its screen. The server judges again. */
import { normalise } from '@/core/replyGate'
import type { EvidenceView, Policy, RequestPolicy } from '@/core/types'
import { t, type MatterKey } from '@/locales/matters'
import type { OpenTicket } from '@/tickets/open'
import { fromField, stamp } from '@/tickets/when'
import type { RequestWords } from './useRequestForm'

const DAY = 86_400_000

/** A date is asked where something rests until it, or an answer is due by it. */
export function asksUntil(rule: RequestPolicy): boolean {
  return rule.effect === 'suspend' || (rule.panel_of ?? null) !== null || (rule.stages ?? []).some((stage) => stage.act === 'answer')
}

export function dateWrong(rule: RequestPolicy, words: RequestWords, view: OpenTicket, policy: Policy, now: number): string | undefined {
  if (rule.extends) {
    const clock = view.clocks.find((item) => item.clock === rule.extends)
    const at = fromField(words.newDue, policy.zone)
    if (at === null) return t('request.date_missing')
    return clock && at <= Date.parse(clock.due_at) ? t('ask.date_early', { clock: clock.label, at: stamp(clock.due_at, policy.zone) }) : undefined
  }
  if (!asksUntil(rule)) return undefined
  const at = fromField(words.until, policy.zone)
  if (at === null) return t('request.date_missing')
  const least = rule.least_days ?? 0
  return at <= now + least * DAY ? (least > 0 ? t('ask.until_short', { days: least }) : t('ask.until_past')) : undefined
}

/** The first thing missing; null when it can go. */
export function lacking(rule: RequestPolicy, words: RequestWords, chosen: readonly EvidenceView[], wrong: string | undefined): string | null {
  const have = Array.from(normalise(words.reason)).length
  if ((rule.grounds ?? []).length > 0 && words.grounds.length === 0) return t('ask.ground_missing')
  if (have < rule.reason_min_chars) return t('request.reason_short', { short: rule.reason_min_chars - have })
  const field = (rule.fields ?? []).find((item) => item.required && !words.fields[item.key]?.trim())
  if (field) return t('ask.field_missing', { field: field.label })
  if (rule.proposed_needed && !words.unit) return t('ask.unit_missing')
  if (wrong) return wrong
  const { materials } = rule
  if (!materials) return null
  if (chosen.length < materials.min) return t('ask.materials_short', { short: materials.min - chosen.length })
  const phase = (materials.phases ?? []).find((wanted) => !chosen.some((item) => item.phase === wanted))
  return phase ? t('ask.phase_missing', { phase: t(`evidence.phase.${phase}` as MatterKey) }) : null
}
