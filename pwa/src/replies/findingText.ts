/** A finding of the reply gate as a sentence, and where on the page it is put right. */
import type { Finding } from '@/core/replyGate'
import type { Policy } from '@/core/types'
import { t } from '@/locales/screens'

export interface FindingLine { id: string; text: string; anchor: string; to: string | null }

export function findingLine(finding: Finding, policy: Policy, ticketId: string): FindingLine {
  const part = policy.reply.parts.find((item) => item.key === finding.part)
  const facts = finding.facts as Record<string, string | number>
  const label = part?.label ?? policy.reply.opinion.label
  const id = `${finding.code}:${finding.part ?? ''}`
  switch (finding.code) {
    case 'part_missing': return { id, text: t('reply.finding.part_missing', { label }), anchor: `part-${finding.part}`, to: null }
    case 'part_too_short': return { id, text: t('reply.finding.part_too_short', { label, ...facts }), anchor: `part-${finding.part}`, to: null }
    case 'part_too_long': return { id, text: t('reply.finding.part_too_long', { label, ...facts }), anchor: `part-${finding.part}`, to: null }
    case 'part_empty_phrase': return { id, text: t('reply.finding.part_empty_phrase', { label, ...facts }), anchor: `part-${finding.part}`, to: null }
    case 'opinion_missing': return { id, text: t('reply.finding.opinion_missing', { label }), anchor: 'opinion', to: null }
    case 'photo_before_missing': return { id, text: t('reply.finding.photo_before_missing', facts), anchor: 'photos', to: `/t/${ticketId}/capture?phase=before` }
    case 'photo_after_missing': return { id, text: t('reply.finding.photo_after_missing', facts), anchor: 'photos', to: `/t/${ticketId}/capture?phase=after` }
    case 'visit_missing': return { id, text: t('reply.finding.visit_missing'), anchor: 'visit', to: `/t/${ticketId}/field?tab=visit` }
    default: return { id, text: t('reply.finding.other', { code: finding.code }), anchor: 'top', to: null }
  }
}
