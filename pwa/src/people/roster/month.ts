/** A month of a roster as a calendar: cells, marks, whom one may ask for what. Pure; days are `YYYY-MM-DD` of the place. */
import type { components } from '@/api/schema'
import type { Clean, Unit } from '@/core/types'

export type Month = Clean<components['schemas']['RosterMonth']>
export type Day = Month['days'][number]
export type Swap = Month['swaps'][number]
export type Leave = Month['leaves'][number]
export type Own = Clean<components['schemas']['OwnRoster']>
export type Preview = Clean<components['schemas']['PlanPreview']>
/** What a day is marked with, the gravest first; a word each, never a colour alone. */
export type Mark = 'nobody' | 'unplanned' | 'stand_in' | 'swap' | null

const DAY_MS = 86_400_000

export const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay()

export function plus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** `2026-12` and the months before and after it. */
export function shifted(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7)
}

/** The last day of a month. */
export function lastOf(month: string): string {
  return plus(`${shifted(month, 1)}-01`, -1)
}

/** The days with holes before the first, so that weeks begin on Monday. */
export function padded<T extends { day: string }>(days: T[]): (T | null)[] {
  const first = days[0]
  return first === undefined ? [] : [...Array.from({ length: (weekday(first.day) + 6) % 7 }, () => null), ...days]
}

/** Which place somebody holds on a day: by roster, in somebody's place, or first by role; null for none. */
export function placeOf(day: Day, person: string): 'A' | 'B' | null {
  if (day.away.some((one) => one.id === person)) return null
  if (day.first.some((one) => one.id === person)) return 'A'
  return day.planned.some((one) => one.id === person && one.rank === 'B') ? 'B' : null
}

/** Weeks at the beginning of a padded month that are wholly over: what is to come is looked for, not they. */
export function weeksOver(cells: (Day | null)[]): number {
  const first = cells.findIndex((day) => day !== null && !day.over)
  return first < 0 ? 0 : Math.floor(first / 7)
}

export interface Run { first: string; last: string; rank: 'A' | 'B'; how: string; unit: { id: string; name: string } }

/** One's own days, those that follow each other in the same place as one line. */
export function runs(days: Own['days']): Run[] {
  const found: Run[] = []
  for (const { day, rank, how, unit } of days) {
    const last = found.find((run) => run.unit.id === unit.id && run.rank === rank && run.how === how && plus(run.last, 1) === day)
    if (last) last.last = day
    else found.push({ first: day, last: day, rank, how, unit })
  }
  return found
}

/** The request that waits about a day, if there is one. */
export function swapOn(month: Month, day: string): Swap | undefined {
  return month.swaps.find((swap) => swap.day === day || swap.return_day === day)
}

export function markOf(month: Month, day: Day): Mark {
  if (day.how === 'nobody') return 'nobody'
  // Nobody can plan what is over.
  if (day.how === 'role') return day.over ? null : 'unplanned'
  if (day.how === 'stand_in') return 'stand_in'
  return swapOn(month, day.day) ? 'swap' : null
}

/** Whether one may ask a colleague to take the day: a turn of one's own, or first by role, and nothing asked yet. */
export function givable(month: Month, day: Day, me: string): boolean {
  if (!month.may.swap || day.over || placeOf(day, me) === null || swapOn(month, day.day)?.asker.id === me) return false
  return day.how === 'role' || day.planned.some((one) => one.id === me)
}

/** Colleagues who could take a day: of the unit, not oneself, not on leave. */
export function takers(month: Month, day: Day, me: string): Month['people'] {
  return month.people.filter((one) => one.id !== me && !day.away.some((gone) => gone.id === one.id))
}

/** Days of a colleague that could be taken in exchange: theirs by roster as A角, to come, on which oneself is there. */
export function returnDays(month: Month, colleague: string, me: string, but: string): Day[] {
  return month.days.filter((day) => !day.over && day.day !== but && !day.away.some((gone) => gone.id === me || gone.id === colleague)
    && day.planned.some((one) => one.id === colleague && one.rank === 'A') && !swapOn(month, day.day))
}

/** Who stands in a place of the roster on a day, by roster alone. */
export function planned(day: Day, rank: 'A' | 'B'): string {
  return day.planned.find((one) => one.rank === rank)?.id ?? ''
}

/** Whether one may write a place of a day: who plans always, a liaison only where nobody stands. */
export function settable(month: Month, day: Day, rank: 'A' | 'B'): boolean {
  return !day.over && (month.may.plan || (month.may.set && planned(day, rank) === ''))
}

/** From what synchronisation brought: one's own turns that run or are to come, the next first; readable without a network. */
export function ownTurns(units: Unit[], me: string, now: number): { unit: string; rank: string; from: string; until: string }[] {
  return units.flatMap((unit) => unit.duty.filter((row) => row.person_id === me && Date.parse(row.until) > now)
    .map((row) => ({ unit: unit.name, rank: row.rank, from: row.from, until: row.until }))).sort((a, b) => a.from.localeCompare(b.from))
}

/** Requests that wait for an answer of this person, then one's own that wait, then what was settled lately. */
export function sorted(swaps: Swap[], me: string): Swap[] {
  const rank = (swap: Swap) => (swap.state !== 'asked' || swap.late ? 2 : swap.colleague.id === me ? 0 : 1)
  return [...swaps].sort((a, b) => rank(a) - rank(b) || a.day.localeCompare(b.day))
}

/** A plan's days as the command wants them. */
export function planArgs(preview: Preview): { day: string; a: string | null; b: string | null }[] {
  return preview.days.filter((day) => !day.kept).map((day) => ({ day: day.day, a: day.a?.id ?? null, b: day.b?.id ?? null }))
}

/** A command of the roster. */
export interface Step { name: string; args: Record<string, unknown> }

/**
 * What brings a day's two places from `before` to `wanted`. Both at once is one command of who plans: with two, a
 * network that goes between them would leave a day without anybody.
 */
export function arranged(month: Month, day: string, before: Record<'A' | 'B', string>, wanted: Record<'A' | 'B', string>, hours: { from: string; until: string }, fresh: () => string): Step[] {
  const unit_id = month.unit.id
  const touched = (['A', 'B'] as const).filter((rank) => wanted[rank] !== before[rank])
  if (touched.length === 2 && month.may.plan) {
    return [{ name: 'duty.plan', args: { unit_id, replace: true, days: [{ day, a: wanted.A || null, b: wanted.B || null }] } }]
  }
  return touched.map((rank) => (wanted[rank]
    ? { name: 'duty.set', args: { unit_id, rank, ...hours, duty_id: fresh(), person_id: wanted[rank] } }
    : { name: 'duty.clear', args: { unit_id, rank, ...hours } }))
}
