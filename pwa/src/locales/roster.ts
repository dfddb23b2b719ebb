/** Words of 值班表, beside those of the other screens that ask the server. */
import roster from './zh-CN.roster.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey } from './station'

export type RosterKey = keyof typeof roster | StationKey

export function t(key: RosterKey, params?: Params): string {
  return key in roster ? fill(roster[key as keyof typeof roster], params) : station(key as StationKey, params)
}

/** 12 月 1 日至 6 日, the month said again only when it is another. */
export function spanText(first: string, last: string): string {
  if (first === last) return dayText(first)
  const [from, to] = [first, last].map((day) => ({ month: Number(day.slice(5, 7)), day: Number(day.slice(8)) })) as [{ month: number; day: number }, { month: number; day: number }]
  return t('roster.span', { first: t('roster.short', from), last: from.month === to.month ? t('roster.short_day', to) : t('roster.short', to) })
}

/** 12 月 1 日 周二 */
export function dayText(day: string): string {
  const week = new Date(`${day}T00:00:00Z`).getUTCDay() as 0 | 1 | 2 | 3 | 4 | 5 | 6
  return t('roster.day', { month: Number(day.slice(5, 7)), day: Number(day.slice(8)), week: t(`roster.week_${week}`) })
}
