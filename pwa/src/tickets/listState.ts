/** What the list shows: segment, search and filters, kept while the person looks into a ticket. */
import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue'
import { byUrgency, segmentOf, type Segment } from '@/core/lifecycle'
import type { Priority, RowView } from '@/core/types'
import { views } from '@/sync/board'

const KEY = 'doorstep.segment'
export const SEGMENTS: readonly Segment[] = ['unassigned', 'unsigned', 'working', 'review', 'returned', 'resting', 'done']

const kept = sessionStorage.getItem(KEY) as Segment | null
export const segment = ref<Segment>(kept ?? 'unsigned')
export const query = ref('')
export const priorities = shallowRef<Priority[]>([])
export const onlyUnsent = ref(false)
/** How far the list is scrolled, px; back from a ticket the person is where they were. */
export const scrolled = ref(0)
watch(segment, (now) => sessionStorage.setItem(KEY, now))

/** Who signs or reviews and handles nothing begins where their work is, until they chose a segment themselves. */
export function beginWhereTheWorkIs(roles: readonly { role: string }[]): void {
  const has = (wanted: string) => roles.some(({ role }) => role === wanted)
  if (kept !== null || segment.value !== 'unsigned' || has('liaison')) return
  if (has('station')) segment.value = 'unassigned'
  else if (has('reviewer') || has('leader') || has('chief')) segment.value = 'review'
}

function fits(view: RowView, words: string): boolean {
  if (priorities.value.length > 0 && !priorities.value.includes(view.priority)) return false
  if (onlyUnsent.value && view.pending.length + view.refused.length === 0) return false
  return words === '' || [view.number, view.title, view.area ?? '', view.unit?.name ?? ''].some((text) => text.toLowerCase().includes(words))
}

export interface Listing { rows: RowView[]; counts: Record<Segment, number> }

/** A search looks through every segment: a person who types a number wants the ticket, not the right tab. */
export function useListing(): ComputedRef<Listing> {
  return computed(() => {
    const words = query.value.trim().toLowerCase()
    const counts = Object.fromEntries(SEGMENTS.map((key) => [key, 0])) as Record<Segment, number>
    const rows: RowView[] = []
    for (const view of views.value) {
      const at = segmentOf(view)
      counts[at] += 1
      if ((words !== '' || at === segment.value) && fits(view, words)) rows.push(view)
    }
    return { rows: rows.sort(byUrgency), counts }
  })
}
