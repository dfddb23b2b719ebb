/** What only some rows say beside their state. The words arrive with the engine, a moment after the first paint. */
import { shallowRef } from 'vue'
import type { RowView } from '@/core/types'

export interface RowWords { chips: { text: string; tone: string }[]; source: string }

export const rowWords = shallowRef<(view: RowView) => RowWords>()

/** Where the work is of whoever sees an empty list; said by the engine (rowMarks.ts). */
export const emptyHint = shallowRef((): string => '')
