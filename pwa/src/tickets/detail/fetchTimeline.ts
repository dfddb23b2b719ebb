import { online } from '@/platform/online'
import type { TimelineEvent } from '@/core/types'

export interface FullTimeline { events: TimelineEvent[]; chain: { head: string; length: number } }

/** The whole journal of a ticket; the phone itself keeps the last 60 events. Raises Problem. */
export async function fetchTimeline(ticketId: string): Promise<FullTimeline> {
  const { data } = await (await online()).GET('/api/v1/tickets/{ticket_id}/timeline', { params: { path: { ticket_id: ticketId } } })
  return data as FullTimeline
}
