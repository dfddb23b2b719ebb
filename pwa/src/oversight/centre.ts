/** How far the station's own part of a ticket is, with what this phone has done and the server has not answered yet. */
import type { Policy } from '@/core/types'
import type { OpenTicket } from '@/tickets/open'

const waits = (view: OpenTicket, command: string) => view.pending.filter((item) => item.command.name === command)

export interface CentreStep { asked: boolean; done: boolean; at: string | null; pending: boolean }

export function centreSign(view: OpenTicket, policy: Policy): CentreStep {
  const at = view.detail.centre_signed_at ?? null
  const pending = at === null && waits(view, 'ticket.centre_sign').length > 0
  return { asked: policy.centre?.signs ?? false, done: at !== null || pending, at, pending }
}

/** The station spoke, or tried to speak, with the caller: the journal says in which role a contact was recorded. */
export function centreContact(view: OpenTicket, policy: Policy): CentreStep {
  const found = view.detail.timeline.find((event) => event.name === 'contact.recorded' && event.role === 'station')
  const pending = found === undefined && waits(view, 'contact.record').length > 0
  const needless = view.detail.caller.anonymous
  return { asked: (policy.centre?.contacts_first ?? false) && !needless, done: found !== undefined || pending, at: found?.at ?? null, pending }
}

export interface Consulted { id: string; kind: string; lead: string; coUnits: string[]; agreed: boolean; namedBy: string | null; pending: boolean }

/** Consultations to dispatch by, the latest first; one that is still in the outbox counts, for the dispatch goes out after it. */
export function consulted(view: OpenTicket): Consulted[] {
  const known = view.detail.consultations.map((row) => ({
    id: row.id, kind: row.kind, lead: row.lead.id, coUnits: row.co_units.map((unit) => unit.id), agreed: row.agreed, namedBy: row.named_by, pending: false,
  }))
  const mine = waits(view, 'consultation.record').map(({ command: { args } }) => ({
    id: String(args.consultation_id), kind: String(args.kind), lead: String(args.lead_unit_id), coUnits: (args.co_unit_ids as string[] | undefined) ?? [],
    agreed: args.agreed === true, namedBy: typeof args.named_by === 'string' ? args.named_by : null, pending: true,
  }))
  return [...known, ...mine.filter((row) => !known.some((held) => held.id === row.id))].reverse()
}
