/** Whose turn it is on a request: the policy names the roles of each stage, the ticket says who holds them. */
import { allowed, grantsOn, type Grant } from '@/core/allowed'
import type { Me, Policy, RequestPolicy, RequestRow, TicketView } from '@/core/types'

export type Stage = RequestPolicy['stages'][number]
export interface Turn { row: RequestRow; rule: RequestPolicy; stage: Stage; grant: Grant; own: boolean }

const COMMANDS: Record<string, string> = {
  decide: 'request.decide', record: 'request.record_answer', answer: 'request.answer', vote: 'request.vote',
}

export const commandOf = (stage: Stage): string => COMMANDS[stage.act] ?? ''

export function stageOf(policy: Policy, row: Pick<RequestRow, 'kind' | 'state'>): Stage | null {
  return policy.requests.find((item) => item.kind === row.kind)?.stages?.find((stage) => stage.key === row.state) ?? null
}

/** Whose work a decision would be on: of who answered last where the stage before answers, else of who asked. */
function authorOf(rule: RequestPolicy, stage: Stage, row: RequestRow): string | undefined {
  const before = rule.stages[rule.stages.indexOf(stage) - 1]
  return before?.act === 'answer' ? row.decisions[row.decisions.length - 1]?.by.id : row.by?.id
}

/** Requests on the ticket that wait for this person, oldest first; `own`: nobody decides their own, so somebody else has to. */
export function turnsOf(view: TicketView, policy: Policy, me: Me): Turn[] {
  const grants = grantsOn(view, me)
  return (view.detail?.requests ?? []).flatMap((row) => {
    const rule = policy.requests.find((item) => item.kind === row.kind)
    const stage = stageOf(policy, row)
    const fitting = grants.filter((grant) => stage?.roles.includes(grant.role))
    if (!rule || !stage || fitting.length === 0 || !allowed(commandOf(stage), view, policy, me)) return []
    const author = stage.act === 'decide' ? authorOf(rule, stage, row) : undefined
    const free = fitting.find((grant) => author === undefined || (author !== me.id && author !== grant.acting_for?.id))
    const sent = view.pending.some((item) => item.command.name === commandOf(stage) && item.command.args.request_id === row.id)
    return sent && stage.act !== 'vote' ? [] : [{ row, rule, stage, grant: free ?? fitting[0]!, own: free === undefined }]
  })
}
