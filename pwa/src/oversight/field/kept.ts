/** What a supervisor takes along: the cases taken on, the unit's photos of each, and what was begun on the spot. */
import type { Evidence } from '@/core/types'
import { authorised } from '@/platform/api'
import { db, getMeta, write } from '@/platform/db'

export interface FieldCase { id: string; ticket_id: string; number: string; title: string; unit: string }
/** `sent`: the command with the result, once it was given. */
export interface FieldDraft { photos: string[]; against: string | null; finding: string | null; note: string; sent: string | null }

const LIST = 'field.cases'
const draftKey = (id: string) => `field.draft.${id}`
export const NOTHING: FieldDraft = { photos: [], against: null, finding: null, note: '', sent: null }

export const keptCases = async (): Promise<FieldCase[]> => (await getMeta<FieldCase[]>(LIST)) ?? []
export const keptDraft = async (id: string): Promise<FieldDraft> => ({ ...NOTHING, ...await getMeta<FieldDraft>(draftKey(id)) })
const put = (key: string, value: unknown) => write(['meta'], (tx) => tx.objectStore('meta').put(value, key))
export const keepDraft = (id: string, draft: FieldDraft) => put(draftKey(id), { ...draft, photos: [...draft.photos] })

/** The unit's photos that can be shown, as the ticket on this phone has them; null when it is not here. */
async function photosOf(ticketId: string): Promise<Evidence[] | null> {
  const held = await (await db()).get('details', ticketId)
  return held ? held.detail.evidence.filter((item) => item.kind === 'photo' && item.has_display && item.state !== 'withdrawn') : null
}

export interface Ready { all: number; here: number }

/** How many of a case's photos are on this phone; null while the ticket itself is not. */
export async function readiness(item: FieldCase): Promise<Ready | null> {
  const photos = await photosOf(item.ticket_id)
  if (!photos) return null
  const store = await db()
  const held = await Promise.all(photos.map((photo) => store.get('blobs', photo.id)))
  return { all: photos.length, here: held.filter((row) => row?.bytes).length }
}

async function bytesOf(id: string, rendition: string): Promise<ArrayBuffer | null> {
  const answer = await authorised(`/api/v1/evidence/${id}/${rendition}`).catch(() => null)
  return answer?.ok ? answer.arrayBuffer() : null
}

/** Brings the photos of a case onto this phone, one after the other; what is here already is not asked for again. */
export async function prepare(item: FieldCase, tell: (ready: Ready) => void): Promise<void> {
  const photos = (await photosOf(item.ticket_id)) ?? []
  let here = 0
  for (const photo of photos) {
    const held = await (await db()).get('blobs', photo.id)
    if (!held?.bytes) {
      const [bytes, thumb] = [await bytesOf(photo.id, 'display'), await bytesOf(photo.id, 'thumb')]
      if (bytes) await write(['blobs'], (tx) => tx.objectStore('blobs').put({ id: photo.id, bytes, thumb }))
      else continue
    }
    here += 1
    tell({ all: photos.length, here })
  }
}

/** The list as the server has it now; what belonged to cases that are no longer in hand leaves the phone. */
export async function keepCases(cases: FieldCase[]): Promise<void> {
  const gone = (await keptCases()).filter((old) => !cases.some((item) => item.ticket_id === old.ticket_id))
  for (const item of gone) {
    for (const photo of (await photosOf(item.ticket_id)) ?? []) await forget(photo.id)
  }
  await put(LIST, cases)
}

async function forget(id: string): Promise<void> {
  await write(['uploads', 'blobs'], async (tx) => {
    // An own original that is still to be sent is never touched.
    if (!(await tx.objectStore('uploads').get(id))) await tx.objectStore('blobs').delete(id)
  })
}

/** The server holds these whole: it said so on the case. Nothing else tells, since the ticket never shows them. */
export async function confirmed(ids: readonly string[]): Promise<void> {
  await write(['uploads'], async (tx) => {
    for (const id of ids) {
      const row = await tx.objectStore('uploads').get(id)
      if (row && !row.confirmed) await tx.objectStore('uploads').put({ ...row, state: 'sent', confirmed: true })
    }
  })
}
