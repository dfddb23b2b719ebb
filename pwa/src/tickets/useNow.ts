/** Server time that moves slowly, for what opens and closes by the minute; countdowns have their own ticker. */
import { onBeforeUnmount, shallowRef } from 'vue'
import { serverNow } from '@/sync/store'

export function useNow(everyMs = 15_000) {
  const now = shallowRef(serverNow())
  const timer = setInterval(() => { now.value = serverNow() }, everyMs)
  onBeforeUnmount(() => clearInterval(timer))
  return now
}
