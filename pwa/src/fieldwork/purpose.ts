import type { Contact, TicketView } from '@/core/types'

/** What the next contact is most likely for, so that the thumb only has to confirm it. */
export function likelyPurpose(contacts: readonly Pick<Contact, 'to' | 'outcome'>[], handled: boolean): Contact['purpose'] {
  const reached = contacts.some((contact) => contact.to === 'caller' && contact.outcome === 'reached')
  if (!reached) return 'first'
  return handled ? 'second' : 'clarify'
}

/** Whether the caller was spoken to, by phone or in person, since `since` (ISO; null = ever). */
export function spokenSince(view: Pick<TicketView, 'detail'>, since: string | null): boolean {
  const after = (at: string) => since === null || Date.parse(at) > Date.parse(since)
  const detail = view.detail
  return detail !== null && (detail.visits.some((visit) => visit.met === 'caller' && after(visit.recorded_at))
    || detail.contacts.some((contact) => contact.to === 'caller' && contact.outcome === 'reached' && after(contact.recorded_at)))
}
