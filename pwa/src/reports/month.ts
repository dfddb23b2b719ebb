/** Months as the server names them: `YYYY-MM`. Pure. */

export function monthOf(day: string): string {
  return day.slice(0, 7)
}

/** The month `by` months after (before, when negative). */
export function shift(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const at = year * 12 + number - 1 + by
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

interface Figure { percent: number | null; denominator: number }

/** Worst first; units with nothing to count last. */
export function ranked<T, F extends Figure>(rows: { of: T; figure: F }[], good: boolean): { of: T; figure: F }[] {
  return [...rows].sort((a, b) => {
    if (a.figure.percent === null || b.figure.percent === null) return Number(a.figure.percent === null) - Number(b.figure.percent === null)
    return (good ? 1 : -1) * (a.figure.percent - b.figure.percent) || b.figure.denominator - a.figure.denominator
  })
}
