/**
 * One action of a screen that shows what the server has: it waits for the answer, so that the list can be asked anew and a refusal is
 * said where the person stands. Without a network the action is kept and goes later; the screen says that instead.
 */
import { ref } from 'vue'
import { labelOf } from '@/core/outcome'
import type { OutboxItem } from '@/core/types'
import { t } from '@/locales/station'
import { discardRefused } from '@/sync/outbox'
import { useOutbox } from '@/sync/store'
import { useAct } from '@/tickets/useAct'

/** The server answers a command within this when there is a network at all, ms. */
const PATIENCE = 12_000
const STEP = 120

export type Fate = 'done' | 'refused' | 'later'

export function useSend() {
  const { items } = useOutbox()
  const { failure: unkept, run } = useAct(null)
  const busy = ref(false)
  const failure = ref<string | null>(null)
  const later = ref(false)
  /** Which refusal it was, for a screen that has a way out of one of them. */
  const code = ref<string | null>(null)

  async function fateOf(id: string): Promise<OutboxItem | undefined> {
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      const item = items.value.find((row) => row.id === id)
      // Gone: delivered ones may be cleared away.
      if (item === undefined || item.state === 'delivered' || item.state === 'refused') return item
      await new Promise((resolve) => { setTimeout(resolve, STEP) })
    }
    return items.value.find((row) => row.id === id)
  }

  async function send(name: string, ticketId: string | null, args: Record<string, unknown>): Promise<Fate | null> {
    if (busy.value) return null
    busy.value = true
    failure.value = null
    later.value = false
    code.value = null
    try {
      const kept = await run(name, args, ticketId)
      if (!kept) {
        failure.value = unkept.value
        return null
      }
      const item = await fateOf(kept.id)
      if (item?.state === 'refused') {
        failure.value = labelOf(item).cause ?? t('send.refused')
        code.value = item.receipt?.code ?? null
        // Said here, with all that was typed still on the sheet: kept in the outbox too it would ask to be handled a second time.
        if (ticketId === null) await discardRefused(item.id).catch(() => undefined)
        return 'refused'
      }
      later.value = item !== undefined && item.state !== 'delivered'
      return later.value ? 'later' : 'done'
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, later, code, send }
}
