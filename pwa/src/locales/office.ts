/** Words of the desk's further screens (people, rates, rules, platforms), beside those of the station. */
import office from './zh-CN.office.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey } from './station'

export type OfficeKey = keyof typeof office | StationKey

export function t(key: OfficeKey, params?: Params): string {
  return key in office ? fill(office[key as keyof typeof office], params) : station(key as StationKey, params)
}
