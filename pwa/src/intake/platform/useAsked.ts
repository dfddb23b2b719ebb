/** One question to the server whose answer may hold a secret, so never a command of the outbox. */
import { ref } from 'vue'
import { problemText } from '@/oversight/useOnline'

export function useAsked() {
  const busy = ref(false)
  const broken = ref<string | null>(null)
  async function ask<T>(work: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null
    busy.value = true
    broken.value = null
    try {
      return await work()
    } catch (error) {
      broken.value = problemText(error)
      return null
    } finally {
      busy.value = false
    }
  }
  return { busy, broken, ask }
}
