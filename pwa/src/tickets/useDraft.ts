/** The draft of a ticket as this phone has it; read once, then held by whoever edits it. */
import { onMounted, shallowRef } from 'vue'
import type { Draft } from '@/core/types'
import { loadDraft } from '@/sync/drafts'

export function useDraft(ticketId: string) {
  const draft = shallowRef<Draft | null>(null)
  const loaded = shallowRef(false)
  onMounted(async () => {
    draft.value = (await loadDraft(ticketId)) ?? null
    loaded.value = true
  })
  return { draft, loaded }
}
