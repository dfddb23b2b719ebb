// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest'
import { failedAttempts, keepVisit, visitInProgress, type VisitInProgress } from '@/fieldwork/visitInProgress'

const begun: VisitInProgress = {
  visitId: 'v1', personId: 'p1', arrivedAt: '2026-11-20T01:00:00.000Z', mode: 'solve', met: 'caller', metName: '', note: '', position: null,
}
beforeEach(() => localStorage.clear())

describe('a visit in progress', () => {
  it('is there after the page was killed, for the person who began it', () => {
    keepVisit('t1', begun)
    expect(visitInProgress('t1', 'p1', [])).toEqual(begun)
    expect(visitInProgress('t1', 'p2', [])).toBeNull()
  })
  it('that was recorded is over, even when a kill brought its note back', () => {
    keepVisit('t1', begun)
    expect(visitInProgress('t1', 'p1', [{ id: 'v0' }])).toEqual(begun)
    expect(visitInProgress('t1', 'p1', [{ id: 'v0' }, { id: 'v1' }])).toBeNull()
    expect(visitInProgress('t1', 'p1', [])).toBeNull()
  })
})

describe('failed attempts', () => {
  const call = (outcome: string, minute: number, to = 'caller') => ({ to, outcome, started_at: `2026-11-20T01:0${minute}:00.000Z` })
  it('count since the caller was last reached, a doubled tap once, calls to the station never', () => {
    expect(failedAttempts([call('no_answer', 1), call('reached', 2), call('no_answer', 3), call('no_answer', 3), call('refused', 4), call('no_answer', 5, 'station')])).toBe(2)
    expect(failedAttempts([call('no_answer', 4), call('reached', 5)])).toBe(0)
    expect(failedAttempts([])).toBe(0)
  })
})
