/** The directory as a tree to open and a list to search. Pure. */
import type { components } from '@/api/schema'
import type { Clean, Unit } from '@/core/types'

export type Directory = Clean<components['schemas']['Directory']>
export type Entry = Directory['units'][number]
export type Contact = Entry['leaders'][number]

const GROUPS = ['chiefs', 'leaders', 'reviewers', 'liaisons', 'station'] as const
export const ROLE_OF = { chiefs: 'chief', leaders: 'leader', reviewers: 'reviewer', liaisons: 'liaison', station: 'station' } as const
export interface Listed { group: (typeof GROUPS)[number]; person: Contact }

/** Everybody of the unit, those above first. */
export function peopleOf(entry: Entry): Listed[] {
  return GROUPS.flatMap((group) => entry[group].map((person) => ({ group, person })))
}

/** Before the directory was ever fetched: what synchronisation brought, without numbers to dial. */
export function fromUnits(units: Unit[]): Entry[] {
  const here = new Set(units.map((unit) => unit.id))
  const below = new Map<string | null, Unit[]>()
  for (const unit of units) {
    const over = unit.parent_id && here.has(unit.parent_id) ? unit.parent_id : null
    below.set(over, [...(below.get(over) ?? []), unit])
  }
  const nobody = { phone: '', deputy: null }
  const walk = (over: string | null, depth: number): Entry[] => (below.get(over) ?? []).flatMap((unit) => [{
    id: unit.id, name: unit.name, level: unit.level, level_name: '', parent_id: unit.parent_id, depth, office: null, phone: null,
    chiefs: [], reviewers: [], station: [],
    leaders: unit.leaders.map((one) => ({ id: one.id, name: one.name, rank: one.rank ?? null, ...nobody })),
    liaisons: unit.liaisons.map((one) => ({ id: one.id, name: one.name, rank: one.rank ?? null, ...nobody })),
    duty: unit.duty.map((row) => ({ person_id: row.person_id, name: row.name, phone: '', rank: row.rank, from: row.from, until: row.until, now: false })),
    gaps: [],
  }, ...walk(unit.id, depth + 1)])
  return walk(null, 0)
}

/** Units open at first: the top, one's own and everything over it. */
export function openAtFirst(entries: Entry[], own: ReadonlySet<string>): Set<string> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const open = new Set<string>()
  for (const id of own) {
    for (let at = byId.get(id); at && !open.has(at.id); at = at.parent_id ? byId.get(at.parent_id) : undefined) open.add(at.id)
  }
  return open
}

/** The rows to show: all that match when searching (units, sections, people), else the tree as far as it is open. */
export function shown(entries: Entry[], words: string, gap: string, open: ReadonlySet<string>): Entry[] {
  const wanted = words.trim()
  if (wanted || gap) {
    const text = (entry: Entry) => [entry.name, entry.office ?? '', ...peopleOf(entry).map((one) => one.person.name)].join(' ')
    return entries.filter((entry) => (!gap || entry.gaps.includes(gap)) && (!wanted || text(entry).includes(wanted)))
  }
  const here = new Set(entries.map((entry) => entry.id))
  const seen = new Set<string>()
  return entries.filter((entry) => {
    const top = entry.parent_id === null || !here.has(entry.parent_id)
    const visible = top || (seen.has(entry.parent_id!) && open.has(entry.parent_id!))
    if (visible) seen.add(entry.id)
    return visible
  })
}

/** How many units stand right below each. */
export function children(entries: Entry[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const entry of entries) if (entry.parent_id) found.set(entry.parent_id, (found.get(entry.parent_id) ?? 0) + 1)
  return found
}

/** Those on duty at `now` (ms): kept answers grow old, so their own word for it is not asked. */
export function onDuty(entry: Entry, now: number): Entry['duty'] {
  return entry.duty.filter((row) => Date.parse(row.from) <= now && now < Date.parse(row.until))
}
