/** A reply being written: on this phone at every change, at the server every half minute and when the person leaves. */
import type { Draft, DraftContent } from '@/core/types'
import { holdOpen } from '@/platform/busy'
import { serverNow } from '@/platform/clock'
import { db, write } from '@/platform/db'
import { act } from './outbox'
import { withRoom } from './room'

const EVERY = 30_000
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const lastMirror = new Map<string, number>()

/** While text waits to be offered, the app does not renew itself. */
let release: (() => void) | null = null
function hold(): void {
  if (timers.size > 0) release ??= holdOpen()
  else {
    release?.()
    release = null
  }
}

/** Now, but later than `earlier`: the instant also tells two savings apart. */
function after(earlier: string | undefined): string {
  return new Date(Math.max(serverNow(), earlier ? Date.parse(earlier) + 1 : 0)).toISOString()
}

/** The newer of this phone's draft and the server's; undefined when neither exists. */
export async function loadDraft(ticketId: string): Promise<Draft | undefined> {
  const store = await db()
  const [local, row] = await Promise.all([store.get('drafts', ticketId), store.get('details', ticketId)])
  const server = row?.detail.draft
  if (!server || (local && local.saved_at >= server.saved_at)) return local
  const { by: _by, ...said } = server
  return { ...said, ticket_id: ticketId, mirrored_at: server.saved_at }
}

/** Durable on this phone when it resolves. Raises StorageFull. */
export async function saveDraft(ticketId: string, draft: DraftContent): Promise<Draft> {
  const saved = await withRoom(1_000_000, () => write(['drafts'], async (tx) => {
    const held = await tx.objectStore('drafts').get(ticketId)
    // Copied: what a screen hands over may be a reactive proxy, which cannot be stored.
    const next: Draft = {
      ...(JSON.parse(JSON.stringify(draft)) as DraftContent), ticket_id: ticketId,
      saved_at: after(held?.saved_at), mirrored_at: held?.mirrored_at ?? null,
    }
    await tx.objectStore('drafts').put(next)
    return next
  }))
  if (!timers.has(ticketId)) {
    const since = performance.now() - (lastMirror.get(ticketId) ?? -EVERY)
    timers.set(ticketId, setTimeout(() => void flushDraft(ticketId), Math.max(2_000, EVERY - since)))
    hold()
  }
  return saved
}

/** Offers the draft to the server now (leaving the screen). An earlier one that never left this phone is replaced. */
export async function flushDraft(ticketId: string): Promise<void> {
  clearTimeout(timers.get(ticketId))
  timers.delete(ticketId)
  hold()
  const draft = await (await db()).get('drafts', ticketId)
  if (!draft || draft.mirrored_at === draft.saved_at) return
  lastMirror.set(ticketId, performance.now())
  const parts = Object.fromEntries(Object.entries(draft.parts).filter(([, text]) => text !== ''))
  const { ticket_id: _id, saved_at: _at, mirrored_at: _offered, commitment, ...said } = draft
  // A promise without its day is none yet; this phone keeps the words.
  await act('draft.save', ticketId, { ...said, parts, commitment: commitment?.due_on ? commitment : null }, { supersedes: true })
  await write(['drafts'], async (tx) => {
    const held = await tx.objectStore('drafts').get(ticketId)
    if (held) await tx.objectStore('drafts').put({ ...held, mirrored_at: draft.saved_at })
  })
}

/** Every draft the server has not been offered yet: after a killed browser, and before signing out. */
export async function flushAllDrafts(): Promise<void> {
  for (const draft of await (await db()).getAll('drafts')) if (draft.mirrored_at !== draft.saved_at) await flushDraft(draft.ticket_id)
}

/** After the reply was handed in: its text is in the outbox now. */
export async function dropDraft(ticketId: string): Promise<void> {
  clearTimeout(timers.get(ticketId))
  timers.delete(ticketId)
  hold()
  await write(['drafts'], (tx) => tx.objectStore('drafts').delete(ticketId))
}
