/** Instants as a person reads them, in the jurisdiction's zone whatever the phone is set to. */
import { t } from '@/locales/screens'
import { serverNow } from '@/platform/clock'

interface Parts { year: string; month: string; day: string; hour: string; minute: string }

const formats = new Map<string, Intl.DateTimeFormat>()

function partsOf(ms: number, zone: string): Parts {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    })
    formats.set(zone, format)
  }
  const found = Object.fromEntries(format.formatToParts(ms).map((part) => [part.type, part.value]))
  return found as unknown as Parts
}

/** 今天 10:32 · 昨天 18:05 · 11-18 09:14 · 2025-12-30 09:14; `iso` UTC, `now` ms of server time. */
export function when(iso: string, zone: string, now: number): string {
  const at = partsOf(Date.parse(iso), zone)
  const today = partsOf(now, zone)
  const clock = `${at.hour}:${at.minute}`
  if (sameDay(at, today)) return t('when.today', { clock })
  if (sameDay(at, partsOf(now - 86_400_000, zone))) return t('when.yesterday', { clock })
  if (sameDay(at, partsOf(now + 86_400_000, zone))) return t('when.tomorrow', { clock })
  const day = `${at.month}-${at.day}`
  return at.year === today.year ? `${day} ${clock}` : `${at.year}-${day} ${clock}`
}

/** 11-20 09:14, always with its date: for proof, not for a glance. Another year is named: a suspension runs into the next one. */
export function stamp(iso: string, zone: string): string {
  const at = partsOf(Date.parse(iso), zone)
  const year = at.year === partsOf(serverNow(), zone).year ? '' : `${at.year}-`
  return `${year}${at.month}-${at.day} ${at.hour}:${at.minute}`
}

/** 10:32 */
export function clockTime(ms: number, zone: string): string {
  const at = partsOf(ms, zone)
  return `${at.hour}:${at.minute}`
}

/** Value of a `datetime-local` field for an instant, in the jurisdiction's zone. */
export function toField(ms: number, zone: string): string {
  const at = partsOf(ms, zone)
  return `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}`
}

/**
 * The instant (UTC ms) that a `datetime-local` value means in `zone`; null when it is not a time.
 * A phone set to another zone would read its own zone into the value, so the offset is found by comparison.
 */
export function fromField(value: string, zone: string): number | null {
  const guess = Date.parse(`${value}:00.000Z`)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value) || Number.isNaN(guess)) return null
  const offset = Date.parse(`${toField(guess, zone)}:00.000Z`) - guess
  return guess - offset
}

/** 1 分 05 秒 */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const minutes = Math.floor(whole / 60)
  return minutes > 0
    ? t('when.minutes', { minutes, seconds: String(whole % 60).padStart(2, '0') })
    : t('when.seconds', { seconds: whole })
}

/** 03:07, for a running recorder. */
export function ticking(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

function sameDay(a: Parts, b: Parts): boolean {
  return a.year === b.year && a.month === b.month && a.day === b.day
}
