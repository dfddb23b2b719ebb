/** How far a request has come through the stages of its kind. */
import type { Policy, RequestRow } from '@/core/types'

export interface StageView { key: string; label: string; state: 'done' | 'now' | 'later' | 'refused' }

export function stagesOf(policy: Policy, row: RequestRow): StageView[] {
  const stages = policy.requests.find((item) => item.kind === row.kind)?.stages ?? []
  const at = stages.findIndex((stage) => stage.key === row.state)
  const decided = new Map(row.decisions.map((decision) => [decision.stage, decision.decision]))
  return stages.map(({ key, label }, index) => {
    if (at >= 0) return { key, label, state: index < at ? 'done' : index === at ? 'now' : 'later' }
    const said = decided.get(key)
    return { key, label, state: said === 'refuse' ? 'refused' : said !== undefined || row.state === 'approved' ? 'done' : 'later' }
  })
}

export const isOpenRequest = (policy: Policy, row: RequestRow): boolean => stagesOf(policy, row).some((stage) => stage.state === 'now')
