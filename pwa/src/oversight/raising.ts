/** Kinds of requests that station or supervisors raise themselves: 督办单, 提级核查, 第三方评议. Which there are is the profile's to say. */
import { allowed } from '@/core/allowed'
import type { Me, Policy } from '@/core/types'
import type { OpenTicket } from '@/tickets/open'

export interface Raisable { kind: string; label: string; cite: string; possible: boolean; why: string | null }

const THEIRS = ['station', 'supervisor']

export function raisable(view: OpenTicket, policy: Policy, me: Me): Raisable[] {
  if (!allowed('request.ask', view, policy, me)) return []
  const roles = new Set<string>(me.roles.map((grant) => grant.role))
  return policy.requests
    .filter((rule) => (rule.asked_by ?? []).some((role) => THEIRS.includes(role) && roles.has(role)))
    .map((rule) => {
      const row = view.detail.askable.find((item) => item.kind === rule.kind && item.variant === null)
      return { kind: rule.kind, label: rule.label, cite: rule.cite, possible: row?.allowed ?? true, why: row?.allowed === false ? row.message : null }
    })
}

/** The kind of request by which supervisors put that cause to the unit; none where the profile has no such request. */
export const checkFor = (policy: Policy | undefined, cause: string | null) =>
  policy?.requests.find((rule) => (rule.asked_by ?? []).some((role) => THEIRS.includes(role)) && rule.grounds.some((ground) => ground.key === cause))
