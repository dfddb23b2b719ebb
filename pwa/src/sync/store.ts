/** What screens read. Shallow: rows are replaced, never changed in place. */
import { computed, unref, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { overlay } from '@/core/overlay'
import type { EvidenceView, Me, Notice, OutboxItem, Policy, RowView, Ticket, TicketView, Unit, UploadRow } from '@/core/types'
import { network, type Network } from '@/platform/network'
import * as board from './board'
import { counts, type OutboxCounts } from './counts'

export { serverNow } from '@/platform/clock'
export { getBlobUrl, getPictureUrl, type Rendition } from './pictures'
export type { Network, OutboxCounts }

/** Rows of the list, overlaid with this phone's work. */
export const useTickets = (): ShallowRef<RowView[]> => board.views
export const useNotices = (): ShallowRef<Notice[]> => board.notices
export const useUnits = (): ShallowRef<Unit[]> => board.units
export const useMe = (): ShallowRef<Me | null> => board.me
export const useNetwork = (): ShallowRef<Network> => network

/** One ticket with its detail (read from the phone's database when first asked for); undefined when this phone does not have it. */
export function useTicket(id: string | Ref<string>): ComputedRef<TicketView | undefined> {
  return computed(() => {
    const key = unref(id)
    const ticket = board.wholeTicket(key).value
    if (!ticket) return undefined
    const mine = board.items.value.filter((item) => item.command.ticket_id === key)
    const files = board.uploads.value.filter((row) => row.ticket_id === key)
    return overlay(ticket, mine, board.policyOf(ticket), files)
  })
}

export function usePolicy(ticket?: Pick<Ticket, 'policy_id'> | Ref<Pick<Ticket, 'policy_id'> | undefined> | undefined): ComputedRef<Policy | undefined> {
  return computed(() => board.policyOf(unref(ticket)))
}

export interface Outbox { items: ShallowRef<OutboxItem[]>; uploads: ShallowRef<UploadRow[]>; counts: ComputedRef<OutboxCounts> }
export const useOutbox = (): Outbox => ({ items: board.items, uploads: board.uploads, counts })

/** Asks the server for news now. Raises Problem. */
export { pull as pullNow } from './pull'
export type { EvidenceView }
