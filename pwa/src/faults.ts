/** Faults that are nobody's normal day, kept so that 我的 can show them and a person can read them out to support. */
import { shallowRef } from 'vue'
import { StorageFull } from '@/platform/disk'

export interface Fault { at: number; text: string }

/** A standing trouble of this phone, as a banner key. `not_here`: a screen that was never opened with a network. */
export const faults = shallowRef<'no_storage' | 'storage_full' | 'not_here' | null>(null)
export const faultLog = shallowRef<Fault[]>([])

export function noteFault(error: unknown): void {
  if (error instanceof StorageFull) faults.value = 'storage_full'
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  faultLog.value = [...faultLog.value.slice(-19), { at: Date.now(), text }]
}
