/** Who did something, in the reader's words: work of this phone that the server has not named yet is 我. */
import { t, type ScreenKey } from '@/locales/screens'

export function by(name: string | null | undefined): string {
  return name === '' ? t('by.me') : name ?? t('by.system')
}

export function roleName(role: string | null | undefined): string {
  const keys: Record<string, ScreenKey> = {
    liaison: 'role.liaison', leader: 'role.leader', station: 'role.station', supervisor: 'role.supervisor', admin: 'role.admin',
  }
  const key = role ? keys[role] : undefined
  return key ? t(key) : ''
}
