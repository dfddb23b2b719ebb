import type { EvidenceMeta, EvidenceView, OutboxItem } from '@/core/types'

/** Durable when it resolves; then sent when the network allows. Rejects with StorageFull when the phone cannot keep it. */
export declare function act(name: string, ticketId: string | null, args: Record<string, unknown>): Promise<OutboxItem>
/** Hash of the original first, then bytes and declaration in one strict transaction; the upload follows by itself. */
export declare function declareEvidence(ticketId: string, bytes: ArrayBuffer, meta: EvidenceMeta): Promise<EvidenceView>
/** Keep a small preview made on the phone for evidence that is already declared. */
export declare function putThumb(evidenceId: string, bytes: ArrayBuffer): Promise<void>
export declare function discardRefused(id: string): Promise<void>
export declare function retry(id: string): Promise<void>
/** Everything on this phone that the server has not confirmed: commands as JSON, originals as files, one .zip-free JSON blob. */
export declare function exportBackup(): Promise<Blob>
