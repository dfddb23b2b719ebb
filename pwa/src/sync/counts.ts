import { computed } from 'vue'
import type { OutboxItem } from '@/core/types'
import { items, uploads } from './board'

export interface OutboxCounts { waiting: number; sending: number; refused: number; uploading: number }

export const counts = computed<OutboxCounts>(() => {
  const by = (state: OutboxItem['state']) => items.value.filter((item) => item.state === state).length
  return {
    waiting: by('waiting'),
    sending: by('sending'),
    refused: by('refused') + uploads.value.filter((row) => row.state === 'refused' && row.cause !== 'declare_refused').length,
    uploading: uploads.value.filter((row) => row.held && (row.state === 'waiting' || row.state === 'uploading')).length,
  }
})
