/** The outbox as groups of rows: what needs a person, what moves, what waits, what arrived. */
import { causeOf, evidenceWord, labelOf, verbOf, type Tone } from '@/core/outcome'
import { t, tMaybe } from '@/locales/own'
import type { OutboxItem, UploadRow } from '@/core/types'

export interface Line {
  key: string
  kind: 'command' | 'upload'
  id: string
  title: string
  about: string | null
  word: string
  cause: string | null
  tone: Tone
  progress: number | null
  size: number
  item: OutboxItem | null
  upload: UploadRow | null
}
export interface Groups { trouble: Line[]; moving: Line[]; waiting: Line[]; arrived: Line[] }

/** 办理前照片, 通话录音: three rows that only say "photo" cannot be told apart. */
const evidenceTitle = (phase: string, kind: string) => tMaybe(`value.${phase}`, '') + tMaybe(`value.${kind}`, '')

function titleOf({ name, args }: OutboxItem['command']): string {
  return name === 'evidence.declare' ? `${verbOf(name)} · ${evidenceTitle(String(args.phase), String(args.kind))}` : verbOf(name)
}

function commandLine(item: OutboxItem): Line {
  const label = labelOf(item)
  return {
    key: item.id, kind: 'command', id: item.id, title: titleOf(item.command), about: item.about, word: label.text, cause: label.cause,
    tone: label.tone, progress: null, size: 0, item, upload: null,
  }
}

function uploadLine(row: UploadRow, about: string | null): Line {
  const moving = row.state === 'uploading'
  const word = moving ? evidenceWord('evidence.uploading', { percent: Math.floor((row.sent / Math.max(1, row.size)) * 100) })
    : row.state === 'refused' ? evidenceWord('evidence.refused') : row.state === 'sent' ? t('outbox.upload_sent') : t('outbox.upload_waiting')
  return {
    key: `u${row.evidence_id}`, kind: 'upload', id: row.evidence_id, title: evidenceTitle(row.phase, row.kind), about, word,
    cause: row.state === 'sent' ? null : row.message ?? causeOf(row.cause), tone: row.state === 'refused' ? 'bad' : moving ? 'busy' : row.state === 'sent' ? 'good' : 'plain',
    progress: moving ? row.sent / Math.max(1, row.size) : null, size: row.size, item: null, upload: row,
  }
}

/** Newest first among what arrived, oldest first among what waits: that is the order of sending. */
export function groupsOf(items: OutboxItem[], uploads: UploadRow[]): Groups {
  const groups: Groups = { trouble: [], moving: [], waiting: [], arrived: [] }
  const about = new Map<string, string | null>()
  for (const item of items) {
    if (item.command.ticket_id !== null) about.set(item.command.ticket_id, item.about)
    const place = { refused: groups.trouble, sending: groups.moving, waiting: groups.waiting, delivered: groups.arrived }[item.state]
    place.push(commandLine(item))
  }
  for (const row of uploads) {
    // A refused declaration stands there already, with its picture.
    if (row.cause === 'declare_refused' || (row.state === 'sent' && !row.held)) continue
    const place = { refused: groups.trouble, uploading: groups.moving, waiting: groups.waiting, sent: groups.arrived }[row.state]
    place.push(uploadLine(row, about.get(row.ticket_id) ?? null))
  }
  groups.arrived.reverse()
  return groups
}

/** 380 KB, 2.4 MB. */
export function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? t('size.kb', { n: Math.max(1, Math.round(bytes / 1000)) }) : t('size.mb', { n: (bytes / 1_000_000).toFixed(1) })
}
