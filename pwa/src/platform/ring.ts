/** New reminders make themselves heard while the app is open, and the icon counts what is unread. While it is not open, push does both. */
import type { Notice } from '@/core/types'
import { db } from '@/platform/db'

const KEY = 'doorstep.sound'

export const soundOn = (): boolean => localStorage.getItem(KEY) !== 'off'
export function setSound(on: boolean): void {
  localStorage.setItem(KEY, on ? 'on' : 'off')
}

/** Two short notes, and a stir where the device can. A browser that wants a tap first stays silent. */
export function ring(): void {
  navigator.vibrate?.([80, 60, 80])
  const context = new AudioContext()
  const gain = context.createGain()
  gain.connect(context.destination)
  for (const [at, pitch] of [[0, 880], [0.18, 1175]] as const) {
    const note = context.createOscillator()
    note.frequency.value = pitch
    note.connect(gain)
    note.start(context.currentTime + at)
    note.stop(context.currentTime + at + 0.14)
  }
  gain.gain.setValueAtTime(0.15, context.currentTime)
  gain.gain.linearRampToValueAtTime(0, context.currentTime + 0.36)
  setTimeout(() => void context.close(), 800)
}

/** What came with a pull; `first`: all of it was here before anybody looked. */
export async function heard(news: readonly Pick<Notice, 'acknowledged_at'>[], first: boolean): Promise<void> {
  const unread = (await (await db()).getAll('inbox')).filter((notice) => !notice.acknowledged_at).length
  if (!first && document.visibilityState === 'visible' && soundOn() && news.some((notice) => !notice.acknowledged_at)) ring()
  await (unread > 0 ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.())
}
