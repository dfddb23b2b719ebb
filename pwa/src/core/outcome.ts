/** The true word for where a piece of work is. Nothing here may claim more than a receipt proves. */
import outcome from '@/locales/zh-CN.outcome.json'
import { catalogue } from './text'
import type { EvidenceView, OutboxItem } from './types'

const { t, tMaybe } = catalogue(outcome)
type OutcomeKey = keyof typeof outcome

export type Tone = 'plain' | 'busy' | 'good' | 'bad'
export interface Label { text: string; cause: string | null; tone: Tone }

/** "签收", "上门记录", … for a command name; the bare name when a newer server invents one. */
export function verbOf(name: string): string {
  // What is sent about a spot check is told by its subject: phones need not carry a word for each.
  return tMaybe(`verb.${name}`, tMaybe(`verb.${name.split('.')[0]}`, name))
}

/** Why something waits or was refused, in words a liaison can act on. */
export function causeOf(code: string | null): string | null {
  return code === null ? null : tMaybe(`cause.${code}`, t('cause.other', { code }))
}

export function labelOf(item: OutboxItem): Label {
  const verb = verbOf(item.command.name)
  switch (item.state) {
    case 'waiting':
      return { text: t('outcome.waiting', { verb }), cause: causeOf(item.cause), tone: 'plain' }
    case 'sending':
      return { text: t('outcome.sending', { verb }), cause: null, tone: 'busy' }
    case 'delivered':
      return { text: t('outcome.delivered', { verb }), cause: null, tone: 'good' }
    case 'refused':
      return {
        text: t('outcome.refused', { verb }),
        cause: item.receipt?.message ?? causeOf(item.receipt?.code ?? item.cause),
        tone: 'bad',
      }
  }
}

const SERVER_WORDS: Record<string, { key: OutcomeKey; tone: Tone }> = {
  ready: { key: 'evidence.ready', tone: 'good' },
  received: { key: 'evidence.received', tone: 'good' },
  rejected: { key: 'evidence.rejected', tone: 'bad' },
  withdrawn: { key: 'evidence.withdrawn', tone: 'plain' },
}

/** Own words of the outbox for `evidence.*` keys. */
export const evidenceWord = t

/** 仅在本机 / 上传中 60% / 已收 / 被拒绝: the state of one photo or recording. */
export function evidenceLabel(view: EvidenceView): Label {
  const label = whereItIs(view)
  // Said wherever the picture is shown: nothing vouches for when and where it was taken.
  return view.kind === 'photo' && view.source === 'gallery' ? { ...label, text: `${t('evidence.gallery')} · ${label.text}` } : label
}

function whereItIs(view: EvidenceView): Label {
  const known = SERVER_WORDS[view.state]
  if (known) return { text: t(known.key), cause: view.reason, tone: known.tone }
  if (view.upload === 'refused') return { text: t('evidence.refused'), cause: view.cause, tone: 'bad' }
  if (view.upload === 'uploading' && view.progress !== null) {
    return { text: t('evidence.uploading', { percent: Math.floor(view.progress * 100) }), cause: null, tone: 'busy' }
  }
  if (view.upload === 'sent') return { text: t('evidence.sent'), cause: null, tone: 'busy' }
  if (view.local) return { text: t('evidence.local'), cause: view.cause, tone: 'plain' }
  return { text: t('evidence.elsewhere'), cause: null, tone: 'plain' }
}
