/** Who did something, in the reader's words: work of this phone that the server has not named yet is 我. */
import { MINE } from '@/core/overlay'
import type { Policy, Ref } from '@/core/types'
import { t, type ScreenKey } from '@/locales/screens'

export function by(person: Ref | null | undefined): string {
  return person ? (person.id === MINE.id ? t('by.me') : person.name) : t('by.system')
}

/** The jurisdiction's own name for a role where its policy has one (承办处室负责人), the common one otherwise. */
export function roleName(role: string | null | undefined, policy?: Pick<Policy, 'roles'>): string {
  const local = role ? policy?.roles?.[role] : undefined
  if (local) return local
  const keys: Record<string, ScreenKey> = {
    liaison: 'role.liaison', reviewer: 'role.reviewer', leader: 'role.leader', chief: 'role.chief', station: 'role.station', supervisor: 'role.supervisor', admin: 'role.admin',
  }
  const key = role ? keys[role] : undefined
  return key ? t(key) : ''
}
