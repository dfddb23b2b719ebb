/** Words of the station's and the supervisors' screens, beside those of every ticket screen. */
import station from './zh-CN.station.json'
import { fill, type Params } from '@/core/text'
import { t as screens, type ScreenKey } from './screens'

export type StationKey = keyof typeof station | ScreenKey

export function t(key: StationKey, params?: Params): string {
  return key in station ? fill(station[key as keyof typeof station], params) : screens(key as ScreenKey, params)
}
