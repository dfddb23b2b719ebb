/** Room on a full phone: originals that the server holds make way for work that it does not. */
import { db, StorageFull, write } from '@/platform/db'

/** Lets go of confirmed originals, oldest first, until `wanted` bytes are free. Returns the bytes freed. */
export async function freeOriginals(wanted: number): Promise<number> {
  const rows = (await (await db()).getAll('uploads')).filter((row) => row.held && row.confirmed)
  rows.sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  let freed = 0
  for (const { evidence_id: id, size } of rows) {
    if (freed >= wanted) break
    await write(['uploads', 'blobs'], async (tx) => {
      const row = await tx.objectStore('uploads').get(id)
      const blob = await tx.objectStore('blobs').get(id)
      if (!row?.confirmed) return
      await tx.objectStore('uploads').put({ ...row, held: false })
      if (blob) await tx.objectStore('blobs').put({ ...blob, bytes: null })
      freed += size
    })
  }
  return freed
}

/** Does `work`; when the phone is full, makes room for about `bytes` and tries once more. Raises StorageFull. */
export async function withRoom<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StorageFull) || (await freeOriginals(bytes)) === 0) throw error
    return work()
  }
}
