import { describe, expect, it } from 'vitest'
import { children, fromUnits, onDuty, openAtFirst, shown, type Entry } from '@/people/directory'
import { assignment, givable } from '@/people/roles'
import { around, dayAfter, monthOf, ranked, shift } from '@/reports/month'
import { monthCells, readDays } from '@/rulebook/days'
import { lineRange, withVersion } from '@/rulebook/text'
import { person } from './fixtures'

const entry = (id: string, parent: string | null, more: Partial<Entry> = {}): Entry => ({
  id, name: id, level: 1, level_name: '', parent_id: parent, depth: 0, office: null, phone: null, chiefs: [], leaders: [], reviewers: [], liaisons: [], station: [], duty: [], gaps: [], ...more,
})
const someone = (name: string) => ({ id: name, name, rank: null, phone: '1', deputy: null })
const ids = (rows: Entry[]) => rows.map((row) => row.id)

describe('通讯录', () => {
  const tree = [entry('旗', null), entry('局', '旗', { leaders: [someone('王五')], gaps: ['office'] }), entry('科', '局', { office: '热线股' }), entry('镇', '旗')]

  it('shows the tree only as far as it is open, and one’s own unit from the start', () => {
    expect(ids(shown(tree, '', '', new Set()))).toEqual(['旗'])
    expect(ids(shown(tree, '', '', new Set(['旗'])))).toEqual(['旗', '局', '镇'])
    expect(ids(shown(tree, '', '', new Set(['局']))), 'open below a closed one stays hidden').toEqual(['旗'])
    expect(ids(shown(tree, '', '', openAtFirst(tree, new Set(['科']))))).toEqual(['旗', '局', '科', '镇'])
  })

  it('finds units by name, section or person, however deep, and by what they lack', () => {
    expect(ids(shown(tree, '王五', '', new Set()))).toEqual(['局'])
    expect(ids(shown(tree, ' 热线 ', '', new Set()))).toEqual(['科'])
    expect(ids(shown(tree, '', 'office', new Set()))).toEqual(['局'])
    expect(ids(shown(tree, '科', 'office', new Set()))).toEqual([])
    expect(children(tree).get('旗')).toBe(2)
  })

  it('a unit whose parent is closed stands at the top', () => {
    expect(ids(shown([entry('村', 'gone')], '', '', new Set()))).toEqual(['村'])
  })

  it('before the first fetch shows the names that synchronisation brought, parents first', () => {
    const unit = (id: string, parent_id: string | null) => ({ id, name: id, level: 2, parent_id, has_liaison: true, liaisons: [{ id: 'p', name: '李', rank: 'A', phone_masked: null }], leaders: [], duty: [] })
    const rows = fromUnits([unit('b', 'a'), unit('a', null)] as never)
    expect(rows.map((row) => [row.id, row.depth])).toEqual([['a', 0], ['b', 1]])
    expect(rows[0]!.liaisons[0]).toMatchObject({ name: '李', phone: '' })
  })

  it('says who is on duty by the clock, not by an answer that grew old', () => {
    const row = { person_id: 'p', name: '李', phone: '1', rank: 'A', from: '2026-11-20T00:00:00Z', until: '2026-11-21T00:00:00Z', now: false }
    const on = entry('u', null, { duty: [row] })
    expect(onDuty(on, Date.parse('2026-11-20T12:00:00Z'))).toHaveLength(1)
    expect(onDuty(on, Date.parse('2026-11-21T00:00:00Z'))).toHaveLength(0)
  })

  it('lets only an administrator hand out the station’s roles, and gives a rank to liaisons alone', () => {
    expect(givable(person('station'))).not.toContain('admin')
    expect(givable(person('admin'))).toContain('station')
    expect(assignment('p', { unit: 'u', role: 'leader', rank: 'A' })).toEqual({ unit_id: 'u', person_id: 'p', role: 'leader' })
    expect(assignment('p', { unit: 'u', role: 'liaison', rank: 'B' })).toMatchObject({ rank: 'B' })
  })
})

describe('指标', () => {
  it('knows the day and the week around it, from Monday to Sunday', () => {
    expect(around('week', '2026-11-29')).toEqual({ first: '2026-11-23', last: '2026-11-29' })
    expect(around('week', '2027-01-01')).toEqual({ first: '2026-12-28', last: '2027-01-03' })
    expect(around('day', '2026-11-29')).toEqual({ first: '2026-11-29', last: '2026-11-29' })
    expect(dayAfter('2028-02-28', 1)).toBe('2028-02-29')
  })

  it('goes from month to month across the year', () => {
    expect(monthOf('2026-11-20T10:00')).toBe('2026-11')
    expect(shift('2026-12', 1)).toBe('2027-01')
    expect(shift('2026-01', -1)).toBe('2025-12')
  })

  it('puts the worst first, whichever way is better, and what counts nothing last', () => {
    const rows = [['a', 90], ['none', null], ['b', 40]].map(([of, percent]) => ({ of: of as string, figure: { percent: percent as number | null, denominator: 1 } }))
    expect(ranked(rows, true).map((row) => row.of)).toEqual(['b', 'a', 'none'])
    expect(ranked(rows, false).map((row) => row.of)).toEqual(['a', 'b', 'none'])
  })
})

describe('节假日', () => {
  const MARKS = { free: ['休', '放假'], work: ['班'] }
  it('reads spans and single days as they are announced', () => {
    const read = readDays('2027-1-1 至 2027-01-03 休 元旦\n\n2027-02-14 班 春节调休', 2027, MARKS)
    expect(read.faults).toEqual([])
    expect(read.days).toHaveLength(4)
    expect(read.days[0]).toEqual({ day: '2027-01-01', free: true, name: '元旦' })
    expect(read.days[3]).toEqual({ day: '2027-02-14', free: false, name: '春节调休' })
  })

  it('names the line and what is wrong with it', () => {
    const fault = (text: string) => readDays(text, 2027, MARKS).faults
    expect(fault('元旦放三天')).toEqual([{ line: 1, fault: 'shape' }])
    expect(fault('2027-02-30 休')).toEqual([{ line: 1, fault: 'shape' }])
    expect(fault('2027-01-03 至 2027-01-01 休')).toEqual([{ line: 1, fault: 'order' }])
    expect(fault('2026-12-31 休')).toEqual([{ line: 1, fault: 'year' }])
    expect(fault('2027-01-01 休\n2027-01-01 休')).toEqual([{ line: 2, fault: 'twice' }])
    expect(fault('2027-02-15 班')).toEqual([{ line: 1, fault: 'weekday' }])
  })

  it('lays a month out from Monday', () => {
    const cells = monthCells(2027, 1)
    expect(cells.slice(0, 5)).toEqual([null, null, null, null, '2027-01-01'])
    expect(cells.at(-1)).toBe('2027-01-31')
    expect(monthCells(2028, 2).filter(Boolean)).toHaveLength(29)
  })
})

describe('规定全文', () => {
  it('is opened as the next version', () => {
    expect(withVersion('profile = "x"\nversion = 3\n', 4)).toBe('profile = "x"\nversion = 4\n')
    expect(withVersion('a = 1', 4)).toBe('a = 1')
  })
  it('knows where a line stands', () => {
    expect(lineRange('ab\ncde\nf', 2)).toEqual([3, 6])
    expect(lineRange('ab', 9)).toEqual([2, 2])
  })
})
