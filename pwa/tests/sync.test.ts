// @vitest-environment happy-dom
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { watch } from 'vue'
import { db, getMeta } from '@/platform/db'
import { serverNow } from '@/platform/clock'
import { auth } from '@/platform/person'
import { items, stalled, views } from '@/sync/board'
import { exportBackup } from '@/sync/backup'
import { signOut } from '@/sync/boot'
import { flushDraft, loadDraft, saveDraft } from '@/sync/drafts'
import { act, declareEvidence, discardRefused, retry } from '@/sync/outbox'
import { pull } from '@/sync/pull'
import { prune } from '@/sync/queue'
import { backoff, drain } from '@/sync/send'
import { round } from '@/sync/triggers'
import { newPhone, restart } from './support/phone'
import { Backend, ME, ticket } from './support/server'

let backend: Backend
const epochs: string[] = []
const send = (eager = true) => drain((epoch) => epochs.push(epoch), eager)
const states = () => items.value.map((i) => `${i.command.name} ${i.state}`)
const stored = async () => (await db()).getAll('commands')

beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  await backend?.stop()
  backend = new Backend()
  await backend.start()
  epochs.length = 0
  await newPhone(backend)
})
afterAll(() => backend.stop())

describe('durability', () => {
  it('what was tapped survives a killed browser and is sent once', async () => {
    backend.tickets.set('t1', ticket('t1'))
    await pull()
    await act('ticket.sign', 't1', {})
    expect(views.value[0]).toMatchObject({ state: 'dispatched', server_state: 'dispatched' })
    await restart(backend)
    expect(states()).toEqual(['ticket.sign waiting'])
    expect(items.value[0]!.about).toBe('N-t1 题 t1')
    await send()
    expect(states()).toEqual(['ticket.sign delivered'])
    expect(views.value[0]).toMatchObject({ state: 'handling', version: 2, pending: [] })
    expect(backend.applied).toHaveLength(1)
  })

  it('an answer lost on the way is asked for again, the work is not done twice', async () => {
    backend.swallow = 1
    await act('thread.post', 't1', { message_id: 'm1', text: '一' })
    await send()
    expect(states()).toEqual(['thread.post waiting'])
    expect(items.value[0]!.cause).toBe('offline')
    await restart(backend)
    await send()
    expect(states()).toEqual(['thread.post delivered'])
    expect(items.value[0]!.receipt!.replayed).toBe(true)
    expect(backend.applied).toHaveLength(1)
  })

  it('a command never changes between attempts', async () => {
    backend.swallow = 2
    await act('thread.post', 't1', { message_id: 'm1', text: '一' })
    await send()
    await send()
    await send()
    expect(new Set(backend.batches.map((b) => JSON.stringify(b[0])))).toHaveLength(1)
    expect(states()).toEqual(['thread.post delivered'])
  })

  it('keeps a plain copy of what a screen hands over and leaves out what is empty', async () => {
    const args = { message_id: 'm1', text: '一', note: '', extra: undefined, none: null, list: ['a'] }
    const item = await act('thread.post', 't1', args)
    args.list.push('b')
    expect(item.command.args).toEqual({ message_id: 'm1', text: '一', list: ['a'] })
  })
})

describe('order and batches', () => {
  it('sends oldest first in batches of at most 20', async () => {
    const ids: string[] = []
    for (let n = 0; n < 45; n++) ids.push((await act('thread.post', 't1', { message_id: `m${n}`, text: '一' })).id)
    await send()
    expect(backend.batches.map((b) => b.length)).toEqual([20, 20, 5])
    expect(backend.applied).toEqual(ids)
  })

  it('keeps a batch under 256 KB but lets one large command through', async () => {
    await act('thread.post', 't1', { message_id: 'big', text: '长'.repeat(100_000) })
    await act('thread.post', 't1', { message_id: 'a', text: 'x'.repeat(200_000) })
    await act('thread.post', 't1', { message_id: 'b', text: 'x'.repeat(200_000) })
    await send()
    expect(backend.batches.map((b) => b.map((c) => c.args.message_id))).toEqual([['big'], ['a'], ['b']])
  })

  it('work added while a batch is under way is sent in the same run', async () => {
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    const running = send()
    await act('thread.post', 't1', { message_id: 'b', text: '二' })
    await running
    await send()
    expect(states()).toEqual(['thread.post delivered', 'thread.post delivered'])
  })
})

describe('refusals', () => {
  it('stays with reason and content, and the rest goes on', async () => {
    backend.refusals.set('t1', { code: 'ticket_reassigned', message: '已改派' })
    await act('visit.record', 't1', { visit_id: 'v1', note: '到了现场' })
    await act('thread.post', 't2', { message_id: 'm', text: '二' })
    await send()
    expect(states()).toEqual(['visit.record refused', 'thread.post delivered'])
    await restart(backend)
    const refused = items.value.find((i) => i.state === 'refused')!
    expect(refused.receipt).toMatchObject({ code: 'ticket_reassigned', message: '已改派' })
    expect(refused.command.args.note).toBe('到了现场')
  })

  it('goes again under a new id, or away, only when the person says so', async () => {
    backend.refusals.set('t1', { code: 'state_wrong', message: '状态不对' })
    const first = await act('thread.post', 't1', { message_id: 'm', text: '二' })
    await send()
    backend.refusals.clear()
    await retry(first.id)
    await send()
    expect(states()).toEqual(['thread.post delivered'])
    expect(items.value[0]!.id).not.toBe(first.id)
    await discardRefused(items.value[0]!.id)
    expect(await stored()).toHaveLength(1)
  })

  it('sets aside only the command whose id was used for something else', async () => {
    const a = await act('thread.post', 't1', { message_id: 'a', text: '一' })
    await act('thread.post', 't2', { message_id: 'b', text: '二' })
    backend.receipts.set(a.id, { body: 'other', receipt: {} as never })
    await send()
    expect(states()).toEqual(['thread.post refused', 'thread.post delivered'])
    expect(items.value[0]).toMatchObject({ cause: 'command_id_reused', receipt: null })
  })

  it('finds the one that makes a batch invalid', async () => {
    for (let n = 0; n < 7; n++) await act(n === 4 ? 'poison' : 'thread.post', 't1', { message_id: `m${n}`, text: '一' })
    await send()
    expect(items.value.filter((i) => i.state === 'refused').map((i) => i.command.name)).toEqual(['poison'])
    expect(items.value.filter((i) => i.state === 'delivered')).toHaveLength(6)
  })

  it('a command that breaks the server lets other tickets pass but not its own later ones', async () => {
    await act('bomb', 't1', {})
    await act('thread.post', 't1', { message_id: 'after', text: '一' })
    await act('thread.post', 't2', { message_id: 'free', text: '二' })
    vi.useFakeTimers({ toFake: ['Date'] })
    for (let n = 0; n < 6; n++) {
      vi.setSystemTime(Date.now() + 60_000)
      await send()
    }
    vi.useRealTimers()
    const by = Object.fromEntries((await stored()).map((r) => [r.command.args.message_id ?? 'bomb', r.state]))
    expect(by).toEqual({ bomb: 'waiting', after: 'waiting', free: 'delivered' })
  })
})

describe('trouble on the way', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['Date'] }); return () => { vi.useRealTimers() } })

  it.each([[503, 'database_busy', 'server_busy'], [429, 'too_many_requests', 'server_busy'], [507, 'storage_full', 'storage_full'], [403, 'odd', 'server_busy']])(
    '%i %s waits and loses nothing', async (status, code, cause) => {
      backend.faults.push({ status, code, times: 1 })
      await act('thread.post', 't1', { message_id: 'a', text: '一' })
      await send()
      expect(states()).toEqual(['thread.post waiting'])
      expect(stalled.value).toBe(cause)
      await send()
      expect(backend.batches).toHaveLength(1)
      vi.setSystemTime(Date.now() + 10 * 60_000)
      await send(false)
      expect(states()).toEqual(['thread.post delivered'])
      expect(stalled.value).toBeNull()
    })

  it('without a login everything waits; after it, everything goes', async () => {
    backend.loggedIn = false
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    await send()
    expect(auth.value).toBe('login')
    expect(stalled.value).toBe('login')
    expect(states()).toEqual(['thread.post waiting'])
    backend.loggedIn = true
    await send()
    expect(states()).toEqual(['thread.post delivered'])
  })

  it('never sends in the name of another person who signed in meanwhile', async () => {
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    backend.person = { ...ME, id: 'person-b' }
    await send()
    expect(auth.value).toBe('other')
    expect(backend.batches).toHaveLength(0)
    expect(await stored()).toHaveLength(1)
  })

  it('another person on the same device sees nothing of the former', async () => {
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    backend.person = { ...ME, id: 'person-b' }
    await restart(backend)
    expect(items.value).toEqual([])
    await send()
    expect(backend.batches).toHaveLength(0)
    backend.person = ME
    await restart(backend)
    expect(states()).toEqual(['thread.post waiting'])
  })

  it('backs off with full jitter up to five minutes', () => {
    expect(backoff(0, 0)).toBe(500)
    expect(backoff(3, 1)).toBe(8_500)
    expect(backoff(30, 1)).toBe(300_500)
  })

  it('a captive portal is no network', async () => {
    backend.faults.push({ status: 200, code: 'portal', times: 1 })
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    await send()
    expect(states()).toEqual(['thread.post waiting'])
    expect(stalled.value).toBe('offline')
  })
})

describe('pull', () => {
  it('keeps the newer of two snapshots, whichever arrives last', async () => {
    backend.tickets.set('t1', ticket('t1', { version: 5, title: '新' }))
    await pull()
    backend.tickets.set('t1', ticket('t1', { version: 4, title: '旧' }))
    await pull()
    expect(views.value[0]).toMatchObject({ version: 5, title: '新' })
  })

  it('shows the first answer before the disk has it, with this phone\'s work over it', async () => {
    await act('ticket.sign', 't1', {})
    backend.tickets.set('t1', ticket('t1'))
    const onDisk: Promise<number>[] = []
    const stop = watch(views, () => { if (views.value.length > 0) onDisk.push(db().then((store) => store.count('tickets'))) }, { flush: 'sync' })
    await pull()
    stop()
    expect(await onDisk[0]).toBe(0)
    expect(views.value[0]!.pending.map((item) => item.command.name)).toEqual(['ticket.sign'])
    expect(await (await db()).count('tickets')).toBe(1)
  })

  it('a disk that refuses the first answer is reported, and what was shown stays', async () => {
    backend.tickets.set('t1', ticket('t1'))
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => { throw new DOMException('', 'QuotaExceededError') })
    await expect(pull()).rejects.toThrow('storage full')
    full.mockRestore()
    expect(views.value.map((view) => view.id)).toEqual(['t1'])
    expect(await getMeta('cookie'), 'so the next pull asks for everything again').toBeUndefined()
  })

  it('asks with the cookie, and drops what is gone', async () => {
    backend.tickets.set('t1', ticket('t1'))
    backend.tickets.set('t2', ticket('t2'))
    await pull()
    backend.tickets.delete('t2')
    await pull()
    await pull()
    expect(views.value.map((v) => v.id)).toEqual(['t1'])
    expect(backend.pulls[0]).toBeNull()
    expect(backend.pulls[2]).toBe('e1:t1=1')
  })

  it('a restored server is offered everything again, once each, and its own list wins', async () => {
    backend.tickets.set('t1', ticket('t1', { version: 9 }))
    await pull()
    await act('ticket.sign', 't1', {})
    await send()
    expect(views.value[0]!.version).toBe(10)
    backend.epoch = 'e2'
    backend.receipts.clear()
    backend.applied = []
    backend.tickets.set('t1', ticket('t1', { version: 2 }))
    await pull()
    expect(states()).toEqual(['ticket.sign waiting'])
    expect(views.value[0]!.version).toBe(2)
    await send()
    expect(states()).toEqual(['ticket.sign delivered'])
    expect(backend.applied).toHaveLength(1)
    expect(views.value[0]).toMatchObject({ state: 'handling', version: 3 })
    expect(await getMeta('epoch')).toBe('e2')
  })

  it('one round is enough to notice a restored server and offer again', async () => {
    await round('boot')
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    await send()
    backend.epoch = 'e2'
    backend.receipts.clear()
    backend.applied = []
    await round('boot')
    expect(states()).toEqual(['thread.post delivered'])
    expect(backend.applied).toHaveLength(1)
  })

  it('sending to a restored server tells at once', async () => {
    await pull()
    backend.epoch = 'e2'
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    await send()
    expect(epochs).toEqual(['e2'])
  })

  it.each([400, -400])('a phone clock wrong by %i days does not move server time', async (days) => {
    backend.skew = days * 86_400_000
    await pull()
    expect(Math.abs(serverNow() - (Date.now() + backend.skew))).toBeLessThan(2_000)
    await restart(backend)
    const item = await act('thread.post', 't1', { message_id: 'a', text: '一' })
    expect(Math.abs(Date.parse(item.command.captured_at) - (Date.now() + backend.skew))).toBeLessThan(5_000)
    expect(item.command.beacon).toMatch(/^\d+\.mac$/)
  })
})

describe('drafts', () => {
  it('are on disk at every change and offered once, the newer replacing the untried older', async () => {
    await saveDraft('t1', { parts: { result: '一' }, opinion: null, evidence_ids: [] })
    await flushDraft('t1')
    await saveDraft('t1', { parts: { result: '一二' }, opinion: 'satisfied', evidence_ids: ['e'] })
    await flushDraft('t1')
    await flushDraft('t1')
    await restart(backend)
    expect((await loadDraft('t1'))!.parts.result).toBe('一二')
    await send()
    expect(backend.batches.flat().map((c) => (c.args.parts as { result: string }).result)).toEqual(['一二'])
  })

  it('one that was tried is never taken back', async () => {
    await saveDraft('t1', { parts: { result: '一' }, opinion: null, evidence_ids: [] })
    await flushDraft('t1')
    backend.swallow = 1
    await send()
    await saveDraft('t1', { parts: { result: '一二' }, opinion: null, evidence_ids: [] })
    await flushDraft('t1')
    await send()
    expect(items.value.map((i) => i.state)).toEqual(['delivered', 'delivered'])
  })
})

describe('signing out', () => {
  it('is refused while something is unsent, a draft included', async () => {
    await saveDraft('t1', { parts: { result: '一' }, opinion: null, evidence_ids: [] })
    await expect(signOut()).rejects.toMatchObject({ code: 'unsent_work' })
    expect(states()).toEqual(['draft.save waiting'])
    expect((await loadDraft('t1'))!.parts.result).toBe('一')
  })

  it('takes the office\'s data off this device and keeps what a restored server may need', async () => {
    backend.tickets.set('t1', ticket('t1'))
    await pull()
    await act('ticket.sign', 't1', {})
    await send()
    await signOut()
    expect(localStorage.getItem('doorstep.person')).toBeNull()
    expect(views.value).toEqual([])
    await restart(backend)
    expect(views.value).toEqual([])
    expect(await getMeta('cookie')).toBeUndefined()
    expect((await stored()).map((r) => r.state)).toEqual(['delivered'])
  })
})

describe('what leaves this phone and when', () => {
  it('delivered commands after 30 days, nothing else by age', async () => {
    await act('thread.post', 't1', { message_id: 'a', text: '一' })
    await send()
    backend.refusals.set('t2', { code: 'state_wrong', message: '' })
    await act('thread.post', 't2', { message_id: 'b', text: '二' })
    await send()
    await prune(Date.now() + 29 * 86_400_000)
    expect(await stored()).toHaveLength(2)
    await prune(Date.now() + 400 * 86_400_000)
    expect((await stored()).map((r) => r.state)).toEqual(['refused'])
  })

  it('a backup holds the unsent commands and the original bytes', async () => {
    await act('thread.post', 't1', { message_id: 'a', text: '未送达' })
    const bytes = new Uint8Array(50_000).map((_, i) => i % 251)
    await declareEvidence('t1', bytes.buffer, { kind: 'photo', phase: 'before', media_type: 'image/jpeg', source: 'camera' })
    const backup = JSON.parse(await (await exportBackup()).text()) as { commands: { command: { args: { text?: string } } }[]; evidence: { base64: string; size: number }[] }
    expect(backup.commands[0]!.command.args.text).toBe('未送达')
    expect(Buffer.from(backup.evidence[0]!.base64, 'base64').equals(Buffer.from(bytes))).toBe(true)
  })
})
