/** Who did something, in the reader's words: work of this phone that the server has not named yet is 我. */
import { MINE } from '@/core/overlay'
import type { Ref } from '@/core/types'
import { t, type ScreenKey } from '@/locales/screens'

export function by(person: Ref | null | undefined): string {
  return person ? (person.id === MINE.id ? t('by.me') : person.name) : t('by.system')
}

export function roleName(role: string | null | undefined): string {
  const keys: Record<string, ScreenKey> = {
    liaison: 'role.liaison', leader: 'role.leader', station: 'role.station', supervisor: 'role.supervisor', admin: 'role.admin',
  }
  const key = role ? keys[role] : undefined
  return key ? t(key) : ''
}
