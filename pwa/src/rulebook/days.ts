/** A year's holidays and make-up days as somebody writes them, one line each: day (or first day and last), mark, name. Pure. */

export interface Day { day: string; free: boolean; name: string }
export type Fault = 'shape' | 'year' | 'order' | 'twice' | 'weekday'
export interface Read { days: Day[]; faults: { line: number; fault: Fault }[] }
/** The words for a day off and for one worked, as the person writes them. */
export interface Marks { free: string[]; work: string[] }

const DAY = /\d{4}-\d{1,2}-\d{1,2}/g
const DAY_MS = 86_400_000

/** `YYYY-MM-DD`, null for a day that does not exist. */
function dayOf(text: string): string | null {
  const [year, month, day] = text.split('-').map(Number) as [number, number, number]
  const iso = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  const at = Date.parse(`${iso}T00:00:00Z`)
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== iso ? null : iso
}

export function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay()
}

export function readDays(text: string, year: number, marks: Marks): Read {
  const days = new Map<string, Day>()
  const faults: Read['faults'] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1
    if (!raw.trim()) continue
    const found = raw.match(DAY) ?? []
    const words = raw.replace(DAY, ' ').trim().split(/\s+/)
    const at = words.findIndex((word) => marks.free.includes(word) || marks.work.includes(word))
    const [first, last] = [dayOf(found[0] ?? ''), dayOf(found[1] ?? found[0] ?? '')]
    if (found.length === 0 || found.length > 2 || at < 0 || first === null || last === null) { faults.push({ line, fault: 'shape' }); continue }
    if (last < first) { faults.push({ line, fault: 'order' }); continue }
    if (!first.startsWith(`${year}-`) || !last.startsWith(`${year}-`)) { faults.push({ line, fault: 'year' }); continue }
    const free = marks.free.includes(words[at]!)
    for (let ms = Date.parse(first); ms <= Date.parse(last); ms += DAY_MS) {
      const day = new Date(ms).toISOString().slice(0, 10)
      if (days.has(day)) faults.push({ line, fault: 'twice' })
      else if (!free && weekday(day) % 6 !== 0) faults.push({ line, fault: 'weekday' })
      else days.set(day, { day, free, name: words.slice(at + 1).join(' ') })
    }
  }
  return { days: [...days.values()].sort((a, b) => a.day.localeCompare(b.day)), faults }
}

/** The cells of a month, Monday first; null where another month's days would stand. */
export function monthCells(year: number, month: number): (string | null)[] {
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const days = Array.from({ length }, (_, n) => `${year}-${String(month).padStart(2, '0')}-${String(n + 1).padStart(2, '0')}`)
  return [...Array.from({ length: (weekday(days[0]!) + 6) % 7 }, () => null), ...days]
}
