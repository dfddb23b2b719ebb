/** What the pane hands to the case inside the ticket's frame. */
import type { InjectionKey, ShallowRef } from 'vue'
import type { Case } from '@/oversight/inspections/api'

export interface Handed { shown: ShallowRef<Case | null>; judged: () => void; step: (by: number) => void; again: () => Promise<void> }
export const CASE: InjectionKey<Handed> = Symbol('inspection')
