/** What is known of the network: what calls have shown. `navigator.onLine` is never asked: it claims networks that are none. */
import { shallowRef } from 'vue'

export interface Network {
  state: 'online' | 'offline' | 'unknown'
  /** Device wall clock, ms, of the last answer. */
  lastContact: number | null
}

export const network = shallowRef<Network>({ state: 'unknown', lastContact: null })
const listeners = new Set<() => void>()

export function noteAnswer(): void {
  const was = network.value.state
  network.value = { state: 'online', lastContact: Date.now() }
  if (was !== 'online') for (const tell of listeners) tell()
}

export function noteSilence(): void {
  if (network.value.state !== 'offline') network.value = { state: 'offline', lastContact: network.value.lastContact }
}

/** Called when the network comes (back): whoever has work waiting takes the chance. */
export function onBack(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}
