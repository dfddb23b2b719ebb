/** What is doubtful about evidence, as the server has it: only for who checks, and never kept on a phone. */
import type { Clean } from '@/core/types'
import { online } from '@/platform/online'

export interface Wanted { state: 'open' | 'dismissed' | 'lapsed' | 'all'; severity?: Severity | undefined; kind?: string | undefined }
export type Severity = 'high' | 'medium' | 'low'

export const listed = async (wanted: Wanted) => {
  const query = { state: wanted.state, ...(wanted.severity ? { severity: wanted.severity } : {}), ...(wanted.kind ? { kind: wanted.kind as never } : {}) }
  return (await (await online()).GET('/api/v1/oversight/findings', { params: { query } })).data!
}
export const ofTicket = async (id: string) =>
  (await (await online()).GET('/api/v1/oversight/tickets/{ticket_id}/findings', { params: { path: { ticket_id: id } } })).data!.findings
export type FindingRow = Clean<Awaited<ReturnType<typeof ofTicket>>[number]>

/** Said in words too: colour alone tells nobody anything. */
export const toneOf = (severity: string) => (severity === 'high' ? 'bad' : severity === 'medium' ? 'warn' : 'plain') as 'bad' | 'warn' | 'plain'
