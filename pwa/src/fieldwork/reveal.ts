/** The caller's real name and number: asked for with a reason, journalled by the server before it answers. */
import { online } from '@/platform/online'

export interface RealCaller { name: string | null; phone: string | null; address: string | null }

/** Raises Problem: `offline`, `reveal_too_many` (429), or what the server says. Kept in memory only, never stored. */
export async function reveal(ticketId: string, reason: string): Promise<RealCaller> {
  const { data } = await (await online()).POST('/api/v1/tickets/{ticket_id}/caller', {
    params: { path: { ticket_id: ticketId } }, body: { reason },
  })
  const said = (text: string | null | undefined) => text || null
  return { name: said(data?.name), phone: said(data?.phone), address: said(data?.address) }
}
