/** Kinds, sources and priorities to choose from: the place's own where its notice lists them, else the usual ones. */
import type { Policy } from '@/core/types'
import { t, type StationKey } from '@/locales/station'

export interface Option { key: string; label: string }
const KINDS = ['consult', 'help', 'complaint', 'suggestion', 'report']
const PRIORITIES = ['normal', 'urgent', 'mayor_line', 'bureau_line']

const words = (prefix: string, keys: string[]): Option[] => keys.map((key) => ({ key, label: t(`${prefix}.${key}` as StationKey) }))
const listed = (rows: readonly { key: string; label: string }[] | undefined): Option[] => (rows ?? []).map(({ key, label }) => ({ key, label }))

/** A select must hold what stands in it, even when the notice has since dropped it. */
function holding(rows: Option[], value: string | undefined): Option[] {
  return !value || rows.some((row) => row.key === value) ? rows : [{ key: value, label: value }, ...rows]
}

export function kindsOf(policy: Policy | undefined, value?: string): Option[] {
  return holding(policy?.kinds?.length ? listed(policy.kinds) : words('kind', KINDS), value)
}
/** Empty where sources are written freely. */
export function sourcesOf(policy: Policy | undefined, value?: string): Option[] {
  return policy?.sources?.length ? holding(listed(policy.sources), value) : []
}
export function prioritiesOf(policy: Policy | undefined): Option[] {
  return policy?.priorities?.length ? [...listed(policy.priorities)].reverse() : words('priority', PRIORITIES)
}

const named = (rows: readonly Option[], key: string) => rows.find((row) => row.key === key)?.label ?? key
export const kindLabel = (policy: Policy | undefined, key: string): string => named(kindsOf(policy), key)
export const sourceLabel = (policy: Policy | undefined, key: string): string => named(sourcesOf(policy), key)
export const priorityLabel = (policy: Policy | undefined, key: string): string => named(prioritiesOf(policy), key)
