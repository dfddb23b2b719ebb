/** Periods that rates are asked for, as the server names them: months `YYYY-MM`, days `YYYY-MM-DD`. Pure. */

export function monthOf(day: string): string {
  return day.slice(0, 7)
}

/** The month `by` months after (before, when negative). */
export function shift(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const at = year * 12 + number - 1 + by
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

export type Span = 'day' | 'week' | 'month' | 'days'
export interface Days { first: string; last: string }

/** The day `by` days after. */
export function dayAfter(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)
}

/** The day, or the week from Monday to Sunday, that `day` lies in. */
export function around(span: Span, day: string): Days {
  if (span !== 'week') return { first: day, last: day }
  const monday = dayAfter(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
  return { first: monday, last: dayAfter(monday, 6) }
}

interface Figure { percent: number | null; denominator: number }

/** Worst first; units with nothing to count last. */
export function ranked<T, F extends Figure>(rows: { of: T; figure: F }[], good: boolean): { of: T; figure: F }[] {
  return [...rows].sort((a, b) => {
    if (a.figure.percent === null || b.figure.percent === null) return Number(a.figure.percent === null) - Number(b.figure.percent === null)
    return (good ? 1 : -1) * (a.figure.percent - b.figure.percent) || b.figure.denominator - a.figure.denominator
  })
}
