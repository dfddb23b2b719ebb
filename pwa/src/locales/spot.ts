/** Words of the field check, which only supervisors' phones hold. */
import spot from './zh-CN.spot.json'
import { fill, type Params } from '@/core/text'
import { t as screens, type ScreenKey } from './screens'

export type SpotKey = keyof typeof spot | ScreenKey

export function t(key: SpotKey, params?: Params): string {
  return key in spot ? fill(spot[key as keyof typeof spot], params) : screens(key as ScreenKey, params)
}
