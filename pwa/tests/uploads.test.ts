// @vitest-environment happy-dom
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHash } from 'node:crypto'
import { db, write } from '@/platform/db'
import { uploads } from '@/sync/board'
import { declareEvidence } from '@/sync/outbox'
import { pull } from '@/sync/pull'
import { drain } from '@/sync/send'
import { freeOriginals } from '@/sync/room'
import { pumpUploads } from '@/sync/uploads'
import type { Evidence } from '@/core/types'
import { newPhone, restart } from './support/phone'
import { Backend, ticket } from './support/server'

let backend: Backend
const send = () => drain(() => undefined, true)
const upload = () => pumpUploads(() => undefined, true)
const row = async (id: string) => (await (await db()).get('uploads', id))!
const bytesHeld = async (id: string) => (await (await db()).get('blobs', id))?.bytes ?? null
const photo = (size: number) => new Uint8Array(size).map((_, i) => (i * 31) % 253).buffer
const shoot = (size = 2_400_000, phase: 'before' | 'after' = 'before') =>
  declareEvidence('t1', photo(size), { kind: 'photo', phase, media_type: 'image/jpeg', source: 'camera' })

function seenByServer(id: string, state: Evidence['state'], closed = false): void {
  const held = backend.tickets.get('t1')!
  const said = backend.declared.get(id)!
  const evidence = { id, kind: 'photo', phase: 'before', ...said, media_type: 'image/jpeg', captured_at: '', source: 'camera', position: null, duration_s: null,
    note: null, state, received_bytes: said.size, reason: null, has_display: false, has_thumb: false, has_audio: false, peaks: null, by: { id: 'x', name: '甲' },
    declared_at: '', received_at: null, width: null, height: null } as Evidence
  const detail = { content: '', category: null, caller: {} as never, contacts: [], visits: [], visit_exceptions: [], evidence: [evidence], draft: null, replies: [],
    requests: [], progress: [], messages: [], reported_to_centre: null, timeline: [] }
  backend.tickets.set('t1', { ...held, version: held.version + 1, state: closed ? 'closed' : held.state, detail })
}

beforeEach(async () => {
  await backend?.stop()
  backend = new Backend()
  await backend.start()
  backend.tickets.set('t1', ticket('t1'))
  await newPhone(backend)
})
afterAll(() => backend.stop())

describe('originals', () => {
  it('are hashed before anything else, kept as they are, and sent after their declaration', async () => {
    const made = await shoot()
    expect(made.sha256).toBe(createHash('sha256').update(new Uint8Array(photo(2_400_000))).digest('hex'))
    await upload()
    expect(backend.files.size).toBe(0)
    await send()
    await upload()
    expect(backend.files.get(made.id)!.bytes.equals(Buffer.from(photo(2_400_000)))).toBe(true)
    expect(await row(made.id)).toMatchObject({ state: 'sent', sent: 2_400_000, held: true })
    expect((await bytesHeld(made.id))!.byteLength).toBe(2_400_000)
  })

  it('go on where they stopped after the browser was killed', async () => {
    const made = await shoot()
    await send()
    backend.cutAfter = 1_000_000
    await upload()
    expect(backend.files.get(made.id)!.bytes).toHaveLength(1_000_000)
    expect(await row(made.id)).toMatchObject({ state: 'waiting' })
    expect((await row(made.id)).url).toContain(made.id)
    await restart(backend)
    backend.cutAfter = null
    const written: number[] = []
    const file = backend.files.get(made.id)!
    let bytes = file.bytes
    Object.defineProperty(file, 'bytes', { get: () => bytes, set: (now: Buffer) => { written.push(now.length); bytes = now } })
    await upload()
    expect(written).toEqual([2_000_000, 2_400_000])
    expect(backend.creations).toBe(1)
    expect(await row(made.id)).toMatchObject({ state: 'sent' })
  }, 20_000)

  it('need one request when they fit into a chunk', async () => {
    const made = await shoot(300_000)
    await send()
    await upload()
    expect(backend.files.get(made.id)!.bytes).toHaveLength(300_000)
    expect([backend.creations, backend.patches]).toEqual([1, 0])
  })

  it('are not created again when the answer to the first bytes was lost', async () => {
    const made = await shoot()
    await send()
    backend.loseCreation = true
    await upload()
    await restart(backend)
    await upload()
    expect(backend.creations).toBe(1)
    expect(await row(made.id)).toMatchObject({ state: 'sent' })
  }, 20_000)

  it('travel one after the other, oldest first', async () => {
    const first = await shoot(10_000)
    const second = await shoot(10_000, 'after')
    await send()
    await upload()
    expect([...backend.files.keys()]).toEqual([first.id, second.id])
  })

  it('whose declaration was refused stay here, said so', async () => {
    backend.refusals.set('t1', { code: 'ticket_reassigned', message: '已改派' })
    const made = await shoot(10_000)
    await send()
    await upload()
    expect(uploads.value[0]).toMatchObject({ state: 'refused', cause: 'declare_refused', held: true })
    expect(await bytesHeld(made.id)).not.toBeNull()
  })

  it('damaged on the phone are told from damaged on the way', async () => {
    const made = await shoot(10_000)
    await send()
    await write(['blobs'], async (tx) => { await tx.objectStore('blobs').put({ id: made.id, bytes: new ArrayBuffer(10_000), thumb: null }) })
    await upload()
    expect(await row(made.id)).toMatchObject({ state: 'refused', cause: 'bytes_damaged' })
  })

  it('are offered again when the server lost count of a whole upload', async () => {
    const made = await shoot(10_000)
    await send()
    backend.declared.set(made.id, { sha256: 'other', size: 10_000 })
    await upload()
    expect(await row(made.id)).toMatchObject({ state: 'waiting', attempts: 1, url: null })
    expect(await bytesHeld(made.id)).not.toBeNull()
  })
})

describe('the last copy', () => {
  it('leaves the phone only when the server holds it and the ticket is closed', async () => {
    const made = await shoot(10_000)
    await send()
    await upload()
    seenByServer(made.id, 'declared', true)
    await pull()
    expect(await bytesHeld(made.id)).not.toBeNull()
    seenByServer(made.id, 'ready')
    backend.tickets.set('t1', { ...backend.tickets.get('t1')!, state: 'handling' })
    await pull()
    expect(await bytesHeld(made.id)).not.toBeNull()
    expect(await row(made.id)).toMatchObject({ confirmed: true, held: true })
    seenByServer(made.id, 'ready', true)
    await pull()
    expect(await bytesHeld(made.id)).toBeNull()
    expect(await row(made.id)).toMatchObject({ held: false })
  })

  it('under storage pressure the oldest confirmed go first, unconfirmed never', async () => {
    const first = await shoot(10_000)
    const second = await shoot(10_000)
    await send()
    await upload()
    seenByServer(first.id, 'received')
    await pull()
    expect(await freeOriginals(50_000)).toBe(10_000)
    expect(await bytesHeld(first.id)).toBeNull()
    expect(await bytesHeld(second.id)).not.toBeNull()
  })

  it('a restored server gets the bytes again', async () => {
    const made = await shoot(10_000)
    await pull()
    await send()
    await upload()
    backend.epoch = 'e2'
    backend.receipts.clear()
    backend.files.clear()
    backend.declared.clear()
    await pull()
    await send()
    await upload()
    expect(backend.files.get(made.id)!.bytes).toHaveLength(10_000)
    expect(await row(made.id)).toMatchObject({ state: 'sent' })
  })

  it('a rejected file is shown with the server\'s word, and kept', async () => {
    const made = await shoot(10_000)
    await send()
    await upload()
    seenByServer(made.id, 'rejected', true)
    await pull()
    expect(uploads.value[0]).toMatchObject({ state: 'refused', cause: 'evidence_rejected' })
    expect(await bytesHeld(made.id)).not.toBeNull()
  })
})

describe('a full phone', () => {
  it('makes room from what the server holds, then keeps the work', async () => {
    const first = await shoot(10_000)
    await send()
    await upload()
    seenByServer(first.id, 'received')
    await pull()
    const { add } = IDBObjectStore.prototype
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementationOnce(() => { throw new DOMException('full', 'QuotaExceededError') }).mockImplementation(add)
    const second = await shoot(5_000)
    expect(await bytesHeld(first.id)).toBeNull()
    expect((await bytesHeld(second.id))!.byteLength).toBe(5_000)
    expect(await (await db()).count('commands')).toBe(2)
  })

  it('says so and keeps nothing half', async () => {
    const { IDBObjectStore: Store } = globalThis
    const add = vi.spyOn(Store.prototype, 'add').mockImplementation(() => { throw new DOMException('full', 'QuotaExceededError') })
    await expect(shoot(10_000)).rejects.toMatchObject({ name: 'StorageFull' })
    add.mockRestore()
    expect(await (await db()).count('blobs')).toBe(0)
    expect(await (await db()).count('uploads')).toBe(0)
    expect(await (await db()).count('commands')).toBe(0)
  })
})
