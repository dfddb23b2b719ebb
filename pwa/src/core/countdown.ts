/** Time left until a deadline, in the two largest units that matter. */
import { t } from './text'
import type { Clock } from './types'

export type Level = 'ok' | 'soon' | 'late'
export interface Countdown { text: string; level: Level }

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** From here on a row is amber. Three hours is a drive to the citizen and back in a banner. */
export const SOON = 3 * HOUR

function span(ms: number): string {
  const days = Math.floor(ms / DAY)
  const hours = Math.floor((ms % DAY) / HOUR)
  const minutes = Math.floor((ms % HOUR) / MINUTE)
  if (days > 0) return hours > 0 ? t('span.days_hours', { days, hours }) : t('span.days', { days })
  if (hours > 0) return minutes > 0 ? t('span.hours_minutes', { hours, minutes }) : t('span.hours', { hours })
  return minutes > 0 ? t('span.minutes', { minutes }) : t('span.under_minute')
}

/**
 * `due` and `now` in ms or ISO (UTC). The due instant itself is still in time: a miss is strictly after it.
 */
export function countdown(due: string | number, now: number): Countdown {
  const left = (typeof due === 'number' ? due : Date.parse(due)) - now
  if (left < 0) return { text: t('countdown.late', { span: span(-left) }), level: 'late' }
  return { text: t('countdown.left', { span: span(left) }), level: left < SOON ? 'soon' : 'ok' }
}

/** Clocks that still run, most pressing first. Guards only limit what may be asked, so they are not chased. */
export function runningClocks(clocks: Clock[]): Clock[] {
  return clocks
    .filter((c) => ['deadline', 'target'].includes(c.kind) && !c.met_at && !c.stopped_at)
    .sort((a, b) => (a.due_at < b.due_at ? -1 : a.due_at > b.due_at ? 1 : 0))
}

export function nextClock(clocks: Clock[]): Clock | null {
  return runningClocks(clocks)[0] ?? null
}
