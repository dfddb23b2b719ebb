/** The content of a command in words, so that a refused one can be read, copied and entered again. */
import { t, tMaybe } from '@/locales/own'
import type { Command } from '@/core/types'

export interface Entry { label: string; text: string }

/** Ids mean nothing to a person; hashes neither. */
const HIDDEN = /(^|_)(id|ids|sha256|hash)$/

const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

function words(value: unknown): string {
  if (typeof value === 'string' && INSTANT.test(value)) {
    return new Date(value).toLocaleString('zh-CN', { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false })
  }
  if (typeof value === 'string') return tMaybe(`value.${value}`, value)
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no')
  if (Array.isArray(value)) return value.map(words).join(t('value.comma'))
  return typeof value === 'number' ? String(value) : ''
}

export function contentsOf(command: Command): Entry[] {
  const rows: Entry[] = []
  for (const [key, value] of Object.entries(command.args)) {
    if (HIDDEN.test(key)) continue
    if (key === 'parts') {
      for (const [part, text] of Object.entries(value as Record<string, string>)) rows.push({ label: tMaybe(`part.${part}`, part), text })
      continue
    }
    const text = words(value)
    if (text !== '') rows.push({ label: tMaybe(`arg.${key}`, key), text })
  }
  return rows
}
