/** The directory: the last one fetched is kept on the phone, since a call needs no data network. */
import { computed, onMounted, ref, shallowRef } from 'vue'
import { t } from '@/locales/people'
import { Problem } from '@/platform/problem'
import { useUnits } from '@/sync/store'
import { fromUnits, type Entry } from './directory'
import { fetchDirectory, kept as onPhone, type Kept } from './keepDirectory'

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
      kept.value = await fetchDirectory()
      fresh.value = true
      problem.value = null
    } catch (error) {
      const offline = !(error instanceof Problem) || error.code === 'offline' || error.code === 'timeout'
      problem.value = offline ? t('contacts.offline') : error.detail
    } finally {
      busy.value = false
    }
  }
  onMounted(async () => {
    kept.value = (await onPhone()) ?? null
    await load()
  })
  return { entries, kept, busy, problem, fresh, load }
}
