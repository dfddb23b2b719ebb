// @vitest-environment happy-dom
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { unfinishedOf } from '@/account/unfinished'
import { appendChunk, beginRecording } from '@/evidence/recorderStore'
import { leaveForCall } from '@/fieldwork/callLog'
import { keepVisit } from '@/fieldwork/visitInProgress'
import { items } from '@/sync/board'
import { act } from '@/sync/outbox'
import { pull } from '@/sync/pull'
import { newPhone } from '../support/phone'
import { Backend, ticket } from '../support/server'

const NOW = Date.parse('2026-11-20T04:00:00.000Z')
const call = { ticketId: 't1', contactId: 'c1', personId: 'p1', to: 'caller' as const, startedAt: '2026-11-20T03:00:00.000Z' }
const visit = { visitId: 'v1', personId: 'p1', arrivedAt: '2026-11-20T03:00:00.000Z', mode: null, met: null, metName: '', note: '', position: null }
const backend = new Backend()
const look = (person = 'p1', now = NOW) => unfinishedOf(person, now, items.value)

beforeEach(async () => {
  if (!backend.base.includes(':')) await backend.start()
  await newPhone(backend)
})
afterAll(() => backend.stop())

async function record(): Promise<void> {
  await beginRecording({ id: 'r1', ticketId: 't1', personId: 'p1', mediaType: 'audio/webm', startedAt: NOW })
  await appendChunk('r1', Uint8Array.from([1]).buffer, NOW)
}

describe('before signing out', () => {
  it('names what was begun and not ended, with the ticket and where to end it', async () => {
    backend.tickets.set('t1', ticket('t1'))
    await pull()
    await record()
    leaveForCall(call)
    keepVisit('t1', visit)
    expect((await look()).map(({ kind, about, to }) => [kind, about, to])).toEqual([
      ['recording', 'N-t1 题 t1', '/t/t1/record'], ['call', 'N-t1 题 t1', '/t/t1'], ['visit', 'N-t1 题 t1', '/t/t1/field?tab=visit'],
    ])
    expect(await look('p2'), 'of another person').toEqual([])
  })

  it('what is given up is gone', async () => {
    leaveForCall(call)
    keepVisit('t1', visit)
    for (const one of await look()) await one.drop()
    expect(await look()).toEqual([])
  })

  it('a visit whose command waits here has ended; a call of yesterday is forgotten', async () => {
    keepVisit('t1', visit)
    leaveForCall(call)
    await act('visit.record', 't1', { visit_id: 'v1' })
    expect(await look('p1', NOW + 86_400_000)).toEqual([])
  })
})
