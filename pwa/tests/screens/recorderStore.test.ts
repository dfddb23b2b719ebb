import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { appendChunk, beginRecording, dropRecording, readRecording, recordingsOf } from '@/evidence/recorderStore'

const begin = (id: string, over = {}) =>
  beginRecording({ id, ticketId: 't1', personId: 'p1', mediaType: 'audio/webm', startedAt: 1_000, ...over })
const bytes = (...values: number[]) => Uint8Array.from(values).buffer

describe('recordings under way', () => {
  it('gives back the chunks in order, with the length up to the last one', async () => {
    await begin('a')
    for (let n = 0; n < 12; n += 1) await appendChunk('a', bytes(n, n + 100), 1_000 + n * 1_000)
    const [held] = await recordingsOf('t1', 'p1')
    expect(held).toMatchObject({ id: 'a', chunks: 12, bytes: 24, lastAt: 12_000 })
    const whole = new Uint8Array((await readRecording('a'))!)
    expect(Array.from(whole.filter((_, index) => index % 2 === 0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('offers it to its person and ticket only, and not before it holds sound', async () => {
    await begin('b', { ticketId: 't2' })
    expect(await recordingsOf('t2', 'p1')).toEqual([])
    await appendChunk('b', bytes(1), 2_000)
    expect(await recordingsOf('t2', 'p2')).toEqual([])
    expect((await recordingsOf('t2', 'p1')).map((item) => item.id)).toEqual(['b'])
  })

  it('refuses a chunk for a recording that was thrown away, and forgets every byte of it', async () => {
    await begin('c')
    await appendChunk('c', bytes(1), 2_000)
    await dropRecording('c')
    await expect(appendChunk('c', bytes(2), 3_000)).rejects.toThrow('recording_unknown')
    expect(await readRecording('c')).toBeNull()
  })

  it('says that a recording is broken rather than giving half of it', async () => {
    await begin('d')
    await appendChunk('d', bytes(1), 2_000)
    await appendChunk('d', bytes(2), 3_000)
    const open = indexedDB.open('doorstep-recorder')
    const db = await new Promise<IDBDatabase>((resolve) => { open.onsuccess = () => resolve(open.result) })
    await new Promise((resolve) => {
      const tx = db.transaction('chunks', 'readwrite')
      tx.objectStore('chunks').delete(['d', 0])
      tx.oncomplete = resolve
    })
    db.close()
    await expect(readRecording('d')).rejects.toThrow('recording_broken')
  })
})
