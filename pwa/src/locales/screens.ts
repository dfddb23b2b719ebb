/** Words of the lazily loaded screens, beside the base catalogue. */
import roles from './zh-CN.roles.json'
import words from './zh-CN.screens.json'
import { fill, t as base, type Params, type TextKey } from '@/core/text'

const screens = { ...words, ...roles }
export type ScreenKey = keyof typeof screens | TextKey

/** Words for a key made at run time; `otherwise` when the catalogue has none. */
export function tMaybe(key: string, otherwise: string): string {
  return (screens as Record<string, string>)[key] ?? otherwise
}

export function t(key: ScreenKey, params?: Params): string {
  return key in screens ? fill(screens[key as keyof typeof screens], params) : base(key as TextKey, params)
}
