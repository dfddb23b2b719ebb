/** Whether the signature that a reply waits for is this person's to give, and in whose stead. */
import { grantsOn, type Grant } from '@/core/allowed'
import type { Me, TicketView } from '@/core/types'

export interface Signer {
  grant: Grant
  /** Nobody signs their own work, and nobody twice: somebody else has to. */
  barred: 'own' | 'signed' | null
}

/** null when it is another one's turn. Without a chain (a snapshot of before an update) the roles alone decide, as they used to. */
export function signerOf(view: TicketView, me: Me): Signer | null {
  const step = view.detail?.chain?.steps.find((item) => item.state === 'now')
  const grants = grantsOn(view, me).filter((grant) => (step ? step.roles.includes(grant.role) : grant.role === 'leader'))
  const reply = [...view.detail?.replies ?? []].sort((a, b) => b.number - a.number)[0]
  const given = new Set((reply?.signatures ?? []).flatMap((item) => [item.by.id, item.acting_for?.id]))
  const signers = grants.map((grant): Signer => {
    const persons = [me.id, ...(grant.acting_for ? [grant.acting_for.id] : [])]
    const barred = persons.includes(reply?.by.id ?? '') ? 'own' : persons.some((id) => given.has(id)) ? 'signed' : null
    return { grant, barred }
  })
  return signers.find((item) => item.barred === null) ?? signers[0] ?? null
}
