/** Words of the lazily loaded screens, beside the base catalogue. */
import screens from './zh-CN.screens.json'
import { fill, t as base, type Params, type TextKey } from '@/core/text'

export type ScreenKey = keyof typeof screens | TextKey

export function t(key: ScreenKey, params?: Params): string {
  return key in screens ? fill(screens[key as keyof typeof screens], params) : base(key as TextKey, params)
}
