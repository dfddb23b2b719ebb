import type { Contact } from '@/core/types'

/** What the next contact is most likely for, so that the thumb only has to confirm it. */
export function likelyPurpose(contacts: readonly Pick<Contact, 'to' | 'outcome'>[], handled: boolean): Contact['purpose'] {
  const reached = contacts.some((contact) => contact.to === 'caller' && contact.outcome === 'reached')
  if (!reached) return 'first'
  return handled ? 'second' : 'clarify'
}
