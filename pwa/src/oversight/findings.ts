/** What the pre-check says of a reply that was submitted: the same gate, over what the ticket carries now. */
import { findingLine, type FindingLine } from '@/replies/findingText'
import { findingsOf } from '@/tickets/detail/checklist'
import type { DraftContent, Policy, Reply } from '@/core/types'
import type { OpenTicket } from '@/tickets/open'

export function findingLines(view: OpenTicket, policy: Policy, reply: Reply): FindingLine[] {
  // The gate asks whether each reason of the *last* send-back is answered: that of the version before this one.
  const before = { ...view, detail: { ...view.detail, replies: view.detail.replies.filter((item) => item.number < reply.number) } }
  return findingsOf(before, policy, reply as unknown as DraftContent).map((finding) => findingLine(finding, policy, view.id))
}
