/** 办理联系单 of a ticket: who helps, and whose letter the reader has to answer. */
import { grantsOn } from '@/core/allowed'
import type { Assist, Me, Pending, TicketView } from '@/core/types'

type Standing = Pick<TicketView, 'detail' | 'state' | 'unit'>

/** Letters without a report. */
export function openAssists(view: Pick<TicketView, 'detail'>): Pending<Assist>[] {
  return (view.detail?.assists ?? []).filter((item) => !item.reported_at && !item.ended_at)
}

/** Letters to a unit whose liaison the person is. */
export function assistsTo(view: Pick<TicketView, 'detail'>, me: Me): Pending<Assist>[] {
  const units = me.roles.filter((grant) => grant.role === 'liaison').map((grant) => grant.unit_id)
  return (view.detail?.assists ?? []).filter((item) => units.includes(item.unit.id))
}

/** The person helps here and does not handle the ticket: what belongs to the lead is not theirs to do. */
export function onlyHelps(view: Standing, me: Me): boolean {
  return assistsTo(view, me).some((item) => !item.ended_at) && grantsOn(view, me).length === 0
}
