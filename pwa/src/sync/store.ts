import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type { EvidenceView, Me, Notice, OutboxItem, Policy, Ticket, TicketView, Unit, UploadRow } from '@/core/types'

export interface OutboxCounts { waiting: number; sending: number; refused: number; uploading: number }
export interface Network { state: 'online' | 'offline' | 'unknown'; lastContact: number | null }
export type Rendition = 'original' | 'display' | 'thumb' | 'audio'

/** Rows of the list, overlaid with this phone's work; `detail` is null here. */
export declare function useTickets(): ShallowRef<TicketView[]>
/** One ticket with its detail (read from the phone's database when first asked for). */
export declare function useTicket(id: string | Ref<string>): ComputedRef<TicketView | undefined>
export declare function usePolicy(ticket?: Pick<Ticket, 'id'> | undefined): ComputedRef<Policy | undefined>
export declare function useNotices(): ShallowRef<Notice[]>
export declare function useUnits(): ShallowRef<Unit[]>
export declare function useMe(): ShallowRef<Me | null>
export declare function useOutbox(): { items: ShallowRef<OutboxItem[]>; uploads: ShallowRef<UploadRow[]>; counts: ComputedRef<OutboxCounts> }
export declare function useNetwork(): ShallowRef<Network>
/** Best known server time, ms. */
export declare function serverNow(): number
export declare function pullNow(): Promise<void>
/** Object URL of a photo or recording: the phone's own bytes when held, else fetched with the person's token. Null when neither is to be had now. */
export declare function getBlobUrl(evidence: Pick<EvidenceView, 'id'> | string, rendition: Rendition): Promise<string | null>
