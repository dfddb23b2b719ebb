/** Figures in words: metres, shares, how long between two moments. */
import { t } from '@/locales/inspect'
import { length } from '@/tickets/when'

export const metres = (value: number): string => value < 1000
  ? t('inspect.metres', { count: Math.round(value) })
  : t('inspect.kilometres', { count: (value / 1000).toFixed(value < 10_000 ? 1 : 0) })
export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`
export const span = (seconds: number): string => {
  const whole = Math.abs(seconds)
  if (whole < 3600) return length(whole)
  return whole < 48 * 3600 ? t('inspect.hours', { count: Math.round(whole / 3600) }) : t('inspect.days', { count: Math.round(whole / 86_400) })
}

/** Where a bearing points on a drawing whose y grows downwards. */
export function offset(bearing: number, far: number): { x: number; y: number } {
  const angle = (bearing * Math.PI) / 180
  return { x: Math.sin(angle) * far, y: -Math.cos(angle) * far }
}
