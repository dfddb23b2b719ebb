/** Words of spot checks, beside those of the station's other screens. */
import inspect from './zh-CN.inspect.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey } from './station'

export type InspectKey = keyof typeof inspect | StationKey

export function t(key: InspectKey, params?: Params): string {
  return key in inspect ? fill(inspect[key as keyof typeof inspect], params) : station(key as StationKey, params)
}
