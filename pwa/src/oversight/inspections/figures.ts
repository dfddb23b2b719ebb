/** Figures in words: metres, shares, how long between two moments. */
import { length } from '@/tickets/when'

export const metres = (value: number): string => value < 1000 ? `${Math.round(value)} 米` : `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} 公里`
export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`
export const span = (seconds: number): string => {
  const whole = Math.abs(seconds)
  if (whole < 3600) return length(whole)
  return whole < 48 * 3600 ? `${Math.round(whole / 3600)} 小时` : `${Math.round(whole / 86_400)} 天`
}

/** Where a bearing points on a drawing whose y grows downwards. */
export function offset(bearing: number, far: number): { x: number; y: number } {
  const angle = (bearing * Math.PI) / 180
  return { x: Math.sin(angle) * far, y: -Math.cos(angle) * far }
}
