import { describe, expect, it } from 'vitest'
import type { Unit } from '@/core/types'
import { givable, lastOf, markOf, ownTurns, padded, placeOf, planArgs, planned, plus, returnDays, runs, settable, shifted, sorted, swapOn, takers, weeksOver, type Day, type Month, type Own, type Preview, type Swap } from '@/people/roster/month'

const ME = { id: 'me', name: '甲' }
const B = { id: 'b', name: '乙' }
const C = { id: 'c', name: '丙' }

function day(at: string, a: typeof ME | null, b: typeof ME | null, more: Partial<Day> = {}): Day {
  const places = [a && { rank: 'A', ...a }, b && { rank: 'B', ...b }].filter((one) => one !== null)
  return { day: at, rests: false, holiday: null, made_up: false, provisional: false, over: false, first: [a ?? ME], second: b ? [b] : [], how: a ? 'planned' : 'role', part: false, planned: places, away: [], ...more } as Day
}

function swap(more: Partial<Swap> = {}): Swap {
  return { id: 's', unit: { id: 'u', name: '单位' }, asker: ME, colleague: B, day: '2026-12-02', return_day: null, note: '', state: 'asked', state_name: '待答复', late: false, answer: '', asked_at: '', settled_at: null, ...more } as Swap
}

function month(days: Day[], more: Partial<Month> = {}): Month {
  const people = [ME, B, C].map((one, n) => ({ ...one, phone: `1380000000${n}`, rank: n ? 'B' : 'A' }))
  return { unit: { id: 'u', name: '单位' }, month: '2026-12', today: '2026-12-01', may: { plan: false, swap: true, set: true }, people, days, leaves: [], swaps: [], ...more } as Month
}

describe('the calendar of a month', () => {
  it('begins weeks on Monday and knows the ends of months and years', () => {
    expect(padded([{ day: '2026-12-01' }, { day: '2026-12-02' }])).toEqual([null, { day: '2026-12-01' }, { day: '2026-12-02' }])
    expect(padded([{ day: '2027-08-01' }])).toHaveLength(7)
    expect(padded([])).toEqual([])
    expect([shifted('2026-12', 1), shifted('2026-01', -1), shifted('2026-03', -13)]).toEqual(['2027-01', '2025-12', '2025-02'])
    expect([lastOf('2028-02'), lastOf('2026-12'), plus('2026-12-31', 1), plus('2028-03-01', -1)]).toEqual(['2028-02-29', '2026-12-31', '2027-01-01', '2028-02-29'])
  })

  it('says which place one holds, and none while one is on leave', () => {
    expect(placeOf(day('2026-12-02', ME, B), 'me')).toBe('A')
    expect(placeOf(day('2026-12-02', B, ME), 'me')).toBe('B')
    expect(placeOf(day('2026-12-02', B, C), 'me')).toBeNull()
    expect(placeOf(day('2026-12-02', ME, B, { first: [B], away: [ME], how: 'stand_in' }), 'me')).toBeNull()
    expect(planned(day('2026-12-02', B, ME), 'B')).toBe('me')
  })

  it('leaves out weeks that are over, and none of a month that is over or to come', () => {
    const days = (over: number) => Array.from({ length: 31 }, (_, n) => day(plus('2026-12-01', n), ME, B, { over: n < over }))
    expect([0, 5, 6, 12, 13, 27, 31].map((over) => weeksOver(padded(days(over))))).toEqual([0, 0, 1, 1, 2, 4, 0])
  })

  it('says days of one’s own that follow each other as one span', () => {
    const own = ([at, rank, how = 'planned']: string[]) => ({ day: at!, rank: rank as 'A' | 'B', how, unit: { id: 'u', name: '单位' } }) as Own['days'][number]
    const days = [['2026-12-30', 'A'], ['2026-12-31', 'A'], ['2027-01-01', 'A'], ['2027-01-02', 'B'], ['2027-01-04', 'A'], ['2027-01-05', 'A', 'stand_in']].map(own)
    expect(runs(days).map((run) => `${run.first}/${run.last}${run.rank}`)).toEqual(['2026-12-30/2027-01-01A', '2027-01-02/2027-01-02B', '2027-01-04/2027-01-04A', '2027-01-05/2027-01-05A'])
  })

  it('marks the gravest thing of a day with one word', () => {
    const waiting = { swaps: [swap()] }
    expect(markOf(month([], waiting), day('2026-12-02', ME, B))).toBe('swap')
    expect(markOf(month([], waiting), day('2026-12-02', null, null))).toBe('unplanned')
    expect(markOf(month([]), day('2026-12-02', B, null, { how: 'stand_in' }))).toBe('stand_in')
    expect(markOf(month([], waiting), day('2026-12-02', null, null, { how: 'nobody', first: [] }))).toBe('nobody')
    expect(markOf(month([]), day('2026-12-02', ME, B))).toBeNull()
    expect(markOf(month([]), day('2026-11-02', null, null, { over: true }))).toBeNull()
    expect(swapOn(month([], { swaps: [swap({ return_day: '2026-12-09' })] }), '2026-12-09')?.id).toBe('s')
  })
})

describe('what one may do about a day', () => {
  it('only one’s own days are given away, once, and not the past', () => {
    expect(givable(month([]), day('2026-12-02', ME, B), 'me')).toBe(true)
    expect(givable(month([]), day('2026-12-02', B, ME), 'me')).toBe(true)
    expect(givable(month([]), day('2026-12-02', null, null), 'me')).toBe(true)
    expect(givable(month([]), day('2026-12-02', B, C), 'me')).toBe(false)
    expect(givable(month([]), day('2026-12-02', ME, B, { over: true }), 'me')).toBe(false)
    expect(givable(month([], { swaps: [swap()] }), day('2026-12-02', ME, B), 'me')).toBe(false)
    expect(givable(month([], { may: { plan: true, swap: false, set: true } }), day('2026-12-02', ME, B), 'me')).toBe(false)
    // Standing in for somebody on leave is no turn of one's own: that is for the unit to change.
    expect(givable(month([]), day('2026-12-02', B, null, { first: [ME], how: 'stand_in', away: [B] }), 'me')).toBe(false)
  })

  it('asks colleagues who are there, and takes one of their days in exchange', () => {
    const gone = day('2026-12-02', ME, B, { away: [C] })
    const days = [day('2026-12-01', B, ME, { over: true }), gone, day('2026-12-03', B, ME), day('2026-12-04', B, ME, { away: [ME] }), day('2026-12-05', C, B), day('2026-12-06', B, ME)]
    const here = month(days, { swaps: [swap({ id: 'x', day: '2026-12-06', asker: B, colleague: C })] })
    expect(takers(here, gone, 'me').map((one) => one.id)).toEqual(['b'])
    expect(returnDays(here, 'b', 'me', '2026-12-02').map((one) => one.day)).toEqual(['2026-12-03'])
  })

  it('a liaison fills what is empty, who plans changes everything that is to come', () => {
    const one = day('2026-12-02', B, null)
    expect([settable(month([]), one, 'A'), settable(month([]), one, 'B')]).toEqual([false, true])
    const plans = month([], { may: { plan: true, swap: false, set: true } })
    expect([settable(plans, one, 'A'), settable(plans, { ...one, over: true }, 'A')]).toEqual([true, false])
    expect(settable(month([], { may: { plan: false, swap: false, set: false } }), one, 'B')).toBe(false)
  })

  it('shows requests to me first, then mine, then what is settled or too late', () => {
    const rows = sorted([swap({ id: 'late', colleague: ME, asker: B, late: true }), swap({ id: 'mine' }), swap({ id: 'done', state: 'agreed', day: '2026-12-03' }), swap({ id: 'to-me', asker: B, colleague: ME })], 'me')
    expect(rows.map((row) => row.id)).toEqual(['to-me', 'mine', 'late', 'done'])
  })
})

describe('what goes over the wire, and what is here without it', () => {
  it('a plan writes only the days that are not kept', () => {
    const plan = { people: [], replaced: 0, days: [{ day: '2026-12-02', a: ME, b: null, rests: false, holiday: null, made_up: false, kept: false, skipped: [] }, { day: '2026-12-03', a: B, b: ME, rests: false, holiday: null, made_up: false, kept: true, skipped: [] }] } as Preview
    expect(planArgs(plan)).toEqual([{ day: '2026-12-02', a: 'me', b: null }])
  })

  it('reads one’s own turns from what synchronisation brought, the next first', () => {
    const turn = (person: string, from: string, until: string) => ({ person_id: person, name: '', rank: 'A', from, until })
    const units = [{ name: '单位', duty: [turn('me', '2026-12-05T16:00:00Z', '2026-12-06T16:00:00Z'), turn('b', '2026-12-01T16:00:00Z', '2026-12-02T16:00:00Z'), turn('me', '2026-11-30T16:00:00Z', '2026-12-01T16:00:00Z'), turn('me', '2026-11-20T16:00:00Z', '2026-11-21T16:00:00Z')] }] as unknown as Unit[]
    expect(ownTurns(units, 'me', Date.parse('2026-12-01T00:00:00Z')).map((row) => row.from)).toEqual(['2026-11-30T16:00:00Z', '2026-12-05T16:00:00Z'])
  })
})
