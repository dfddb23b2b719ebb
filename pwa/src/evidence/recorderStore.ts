/**
 * Recordings under way, chunk by chunk, in a database of their own: a page that is killed in the middle of a
 * memo loses the last seconds, not the memo. Apart from the outbox because a half recording is nobody's
 * evidence yet; it moves there, hashed, when the person says 保存.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

export interface Recording {
  id: string
  ticketId: string
  /** Who recorded: another person's half memo on a shared phone is not shown to the next one. */
  personId: string
  mediaType: string
  /** UTC milliseconds. */
  startedAt: number
  /** UTC milliseconds of the last chunk; start and this give the length even after a kill. */
  lastAt: number
  chunks: number
  bytes: number
}

interface Schema extends DBSchema {
  recordings: { key: string; value: Recording; indexes: { ticket: string } }
  chunks: { key: [string, number]; value: ArrayBuffer }
}

const NAME = 'doorstep-recorder'
let opened: Promise<IDBPDatabase<Schema>> | null = null

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('recordings', { keyPath: 'id' }).createIndex('ticket', 'ticketId')
      db.createObjectStore('chunks')
    },
    terminated() {
      opened = null
    },
  }).catch((error: unknown) => {
    opened = null
    throw error
  })
  return opened
}

export async function beginRecording(
  recording: Omit<Recording, 'chunks' | 'bytes' | 'lastAt'>,
): Promise<void> {
  const db = await database()
  await db.put('recordings', { ...recording, lastAt: recording.startedAt, chunks: 0, bytes: 0 })
}

/**
 * Adds one chunk at the end; chunk and count change together or not at all.
 * Raises when the recording is unknown (discarded in another tab) or the storage is full.
 */
export async function appendChunk(id: string, chunk: ArrayBuffer, at: number): Promise<void> {
  const db = await database()
  const tx = db.transaction(['recordings', 'chunks'], 'readwrite', { durability: 'strict' })
  const recording = await tx.objectStore('recordings').get(id)
  if (!recording) {
    tx.abort()
    await tx.done.catch(() => undefined)
    throw new Error('recording_unknown')
  }
  await tx.objectStore('chunks').put(chunk, [id, recording.chunks])
  await tx.objectStore('recordings').put({
    ...recording,
    chunks: recording.chunks + 1,
    bytes: recording.bytes + chunk.byteLength,
    lastAt: at,
  })
  await tx.done
}

/** The recordings of a ticket that hold sound, oldest first. */
export async function recordingsOf(ticketId: string, personId: string): Promise<Recording[]> {
  const db = await database()
  const all = await db.getAllFromIndex('recordings', 'ticket', ticketId)
  return all
    .filter((recording) => recording.personId === personId && recording.bytes > 0)
    .sort((a, b) => a.startedAt - b.startedAt)
}

/** Everything of this person that holds sound, on whatever ticket. */
export async function recordingsBy(personId: string): Promise<Recording[]> {
  const all = await (await database()).getAll('recordings')
  return all.filter((recording) => recording.personId === personId && recording.bytes > 0)
}

/** The bytes in the order they were recorded; null when the recording is unknown. */
export async function readRecording(id: string): Promise<ArrayBuffer | null> {
  const db = await database()
  const recording = await db.get('recordings', id)
  if (!recording) return null
  const whole = new Uint8Array(recording.bytes)
  let offset = 0
  for (let seq = 0; seq < recording.chunks; seq += 1) {
    const chunk = await db.get('chunks', [id, seq])
    if (!chunk) throw new Error('recording_broken')
    whole.set(new Uint8Array(chunk), offset)
    offset += chunk.byteLength
  }
  return whole.buffer
}

export async function dropRecording(id: string): Promise<void> {
  const db = await database()
  const tx = db.transaction(['recordings', 'chunks'], 'readwrite')
  await tx.objectStore('recordings').delete(id)
  await tx.objectStore('chunks').delete(IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER]))
  await tx.done
}
