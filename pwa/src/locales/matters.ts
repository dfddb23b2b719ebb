/** Words of requests, joint work, promises, plans and signatures, beside those of the other lazy screens. */
import matters from './zh-CN.matters.json'
import { t as screens, type ScreenKey } from './screens'
import { fill, type Params } from '@/core/text'

export type MatterKey = keyof typeof matters | ScreenKey

export function t(key: MatterKey, params?: Params): string {
  return key in matters ? fill(matters[key as keyof typeof matters], params) : screens(key as ScreenKey, params)
}

/** Words for a key made at run time; `otherwise` when the catalogue has none. */
export function tMaybe(key: string, otherwise: string): string {
  return (matters as Record<string, string>)[key] ?? otherwise
}
