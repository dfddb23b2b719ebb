/** One action of a screen: busy while it is made durable, and a sentence when the phone could not keep it. */
import { ref } from 'vue'
import { newId } from '@/core/command'
import type { OutboxItem } from '@/core/types'
import { t } from '@/locales/screens'
import { act } from '@/sync/outbox'
import { serverNow } from '@/sync/store'

export const freshId = (): string => newId(serverNow())

export function failureText(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  return name === 'StorageFull' || name === 'QuotaExceededError' ? t('act.storage_full') : t('act.not_kept')
}

export function useAct(ticketId: string | null) {
  const busy = ref(false)
  const failure = ref<string | null>(null)

  /** The queued item once it is durable; null when it could not be kept (`failure` says why) or a tap came twice. */
  async function run(name: string, args: Record<string, unknown>, forTicket = ticketId): Promise<OutboxItem | null> {
    if (busy.value) return null
    busy.value = true
    failure.value = null
    try {
      return await act(name, forTicket, args)
    } catch (error) {
      failure.value = failureText(error)
      return null
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, run }
}
