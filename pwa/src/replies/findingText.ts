/** A finding of the reply gate as a sentence, and where on the page it is put right. */
import type { Finding } from '@/core/replyGate'
import type { Policy } from '@/core/types'
import { t } from '@/locales/matters'

export interface FindingLine { id: string; text: string; anchor: string; to: string | null }

export function findingLine(finding: Finding, policy: Policy, ticketId: string, reasons: readonly string[] = []): FindingLine {
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
    case 'field_missing':
    case 'field_wrong': {
      const field = policy.reply.fields?.find((item) => item.key === finding.part)?.label ?? ''
      return { id, text: t(`more.finding.${finding.code}`, { field }), anchor: `field-${finding.part}`, to: null }
    }
    case 'finish_missing':
    case 'finish_unfit': return { id, text: t(`more.finding.${finding.code}`, facts), anchor: 'finish', to: null }
    case 'commitment_missing':
    case 'commitment_past': return { id, text: t(`more.finding.${finding.code}`, facts), anchor: 'commitment', to: null }
    case 'basis_missing': return { id, text: t('more.finding.basis_missing', facts), anchor: 'basis', to: null }
    case 'statement_missing': return { id, text: t('more.finding.statement_missing', facts), anchor: 'statement', to: null }
    case 'first_contact_missing':
    case 'second_contact_missing': return { id, text: t(`more.finding.${finding.code}`), anchor: 'visit', to: `/t/${ticketId}/field?tab=contact` }
    case 'face_to_face_missing': return { id, text: t('more.finding.face_to_face_missing'), anchor: 'visit', to: `/t/${ticketId}/field?tab=visit` }
    case 'recording_missing': return { id, text: t('more.finding.recording_missing'), anchor: 'visit', to: `/t/${ticketId}/record` }
    case 'reason_unanswered': return { id: `${id}:${facts.reason}`, text: t('more.finding.reason_unanswered', facts), anchor: `answer-${reasons.indexOf(String(facts.reason))}`, to: null }
    default: return { id, text: t('reply.finding.other', { code: finding.code }), anchor: 'top', to: null }
  }
}
