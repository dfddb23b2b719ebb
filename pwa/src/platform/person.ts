/** Whose data this device shows. Kept apart from the session so that the first screen needs no network code. */
import { shallowRef } from 'vue'
import type { Session } from '@/core/types'

/** `other`: the cookie now belongs to another person; this tab must not send in their name. `first`: the password was handed out and must be changed. */
export type AuthState = 'unknown' | 'in' | 'first' | 'login' | 'other'
export interface FirstFetch { status: number; session: Session; cookie: string | null; pull: Promise<Response> | null }

const PERSON = 'doorstep.person'

export const auth = shallowRef<AuthState>('unknown')
export const rememberedPerson = (): string | null => localStorage.getItem(PERSON)

export function rememberPerson(id: string | null): void {
  if (id === null) localStorage.removeItem(PERSON)
  else localStorage.setItem(PERSON, id)
}
