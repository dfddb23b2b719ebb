/** Words of the desk: taking in, dispatching, the board; beside those of all the station's screens. */
import desk from './zh-CN.desk.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey as Station } from './station'

export type StationKey = keyof typeof desk | Station

export function t(key: StationKey, params?: Params): string {
  return key in desk ? fill(desk[key as keyof typeof desk], params) : station(key as Station, params)
}
