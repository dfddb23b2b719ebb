/**
 * Work begun on this phone that is no command yet: a recording nobody kept, a call whose outcome is owed, a visit without its end. Who
 * signs out would leave it where neither the office nor the next person sees it.
 */
import type { OutboxItem } from '@/core/types'
import { dropRecording, recordingsBy } from '@/evidence/recorderStore'
import { closeCall, owedCall } from '@/fieldwork/callLog'
import { forgetVisit, visitedTickets, visitInProgress } from '@/fieldwork/visitInProgress'
import { db } from '@/platform/db'

export interface Unfinished {
  key: string
  kind: 'recording' | 'call' | 'visit'
  /** Number and title, empty when the ticket has left this phone. */
  about: string
  /** Where it is finished. */
  to: string
  drop: () => void | Promise<void>
}

async function aboutOf(ticketId: string): Promise<string> {
  const ticket = await (await db()).get('tickets', ticketId)
  return ticket ? `${ticket.number} ${ticket.title}` : ''
}

/** Ended visits are known by the server's detail or by the command that waits here. */
async function visitOpen(ticketId: string, personId: string, items: readonly OutboxItem[]): Promise<boolean> {
  const said = (await (await db()).get('details', ticketId))?.detail.visits ?? []
  const mine = items.filter((item) => item.command.name === 'visit.record').map((item) => ({ id: String(item.command.args.visit_id) }))
  return visitInProgress(ticketId, personId, [...said, ...mine]) !== null
}

/** `now` in ms; `items`: this phone's commands. */
export async function unfinishedOf(personId: string, now: number, items: readonly OutboxItem[]): Promise<Unfinished[]> {
  const found: Unfinished[] = []
  for (const { id, ticketId } of await recordingsBy(personId)) {
    found.push({ key: id, kind: 'recording', about: await aboutOf(ticketId), to: `/t/${ticketId}/record`, drop: () => dropRecording(id) })
  }
  const call = owedCall(personId, now)
  if (call) found.push({ key: call.contactId, kind: 'call', about: await aboutOf(call.ticketId), to: `/t/${call.ticketId}`, drop: closeCall })
  for (const ticketId of visitedTickets()) {
    if (!(await visitOpen(ticketId, personId, items))) continue
    found.push({ key: `visit ${ticketId}`, kind: 'visit', about: await aboutOf(ticketId), to: `/t/${ticketId}/field?tab=visit`, drop: () => forgetVisit(ticketId) })
  }
  return found
}
