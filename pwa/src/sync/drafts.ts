import type { Draft, DraftContent } from '@/core/types'

/** The newer of this phone's draft and the server's; undefined when neither exists. */
export declare function loadDraft(ticketId: string): Promise<Draft | undefined>
/** Durable on this phone when it resolves; mirrored to the server at most every 30 s. */
export declare function saveDraft(ticketId: string, draft: DraftContent): Promise<Draft>
/** Mirror now (leaving the screen). */
export declare function flushDraft(ticketId: string): Promise<void>
/** After the reply was handed in. */
export declare function dropDraft(ticketId: string): Promise<void>
