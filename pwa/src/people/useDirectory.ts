/** The directory: the last one fetched is kept on the phone, since a call needs no data network. */
import { computed, onMounted, ref, shallowRef } from 'vue'
import type { Clean } from '@/core/types'
import { t } from '@/locales/people'
import { demand } from '@/platform/api'
import { getMeta, write } from '@/platform/db'
import { Problem } from '@/platform/problem'
import { useUnits } from '@/sync/store'
import { fromUnits, type Directory, type Entry } from './directory'

interface Kept { at: number; directory: Directory }

export function useDirectory() {
  const units = useUnits()
  const kept = shallowRef<Kept | null>(null)
  const busy = ref(false)
  const problem = ref<string | null>(null)
  const fresh = ref(false)
  const entries = computed<Entry[]>(() => kept.value?.directory.units ?? fromUnits(units.value))

  async function load(): Promise<void> {
    busy.value = true
    try {
      const directory = await (await demand('/api/v1/people/directory')).json() as Clean<Directory>
      kept.value = { at: Date.now(), directory }
      fresh.value = true
      problem.value = null
      // Not kept is no fault of the screen: the numbers are on it.
      await write(['meta'], async (tx) => { await tx.objectStore('meta').put(kept.value, 'directory') }, 'relaxed').catch(() => undefined)
    } catch (error) {
      const offline = !(error instanceof Problem) || error.code === 'offline' || error.code === 'timeout'
      problem.value = offline ? t('contacts.offline') : error.detail
    } finally {
      busy.value = false
    }
  }
  onMounted(async () => {
    kept.value = (await getMeta<Kept>('directory').catch(() => undefined)) ?? null
    await load()
  })
  return { entries, kept, busy, problem, fresh, load }
}
