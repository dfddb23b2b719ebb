/** What only the server has: asked for when the screen opens, with a word for why it is not here and a way to ask again. */
import { onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Clean } from '@/core/types'
import { t } from '@/locales/station'
import { Problem } from '@/platform/problem'

export interface Online<T> { data: ShallowRef<T | null>; busy: Ref<boolean>; problem: Ref<string | null>; load: () => Promise<void> }

export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return t('online.failed')
  if (error.code === 'offline' || error.code === 'timeout') return t('online.offline')
  return error.detail || t('online.failed')
}

/** `ask` is called at once and by `load`; an answer that came late for an older question is dropped. */
export function useOnline<T>(ask: () => Promise<T>): Online<Clean<T>> {
  const data: ShallowRef<Clean<T> | null> = shallowRef(null)
  const busy = ref(false)
  const problem = ref<string | null>(null)
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    busy.value = true
    try {
      const found = await ask()
      if (mine !== asked) return
      // The description leaves an empty object beside what may be null.
      data.value = found as Clean<T>
      problem.value = null
    } catch (error) {
      if (mine === asked) problem.value = problemText(error)
    } finally {
      if (mine === asked) busy.value = false
    }
  }
  onMounted(load)
  return { data, busy, problem, load }
}
