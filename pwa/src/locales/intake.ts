/** Words of imports and of texts to copy, beside those of the station's other screens. */
import intake from './zh-CN.intake.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey } from './station'

export type IntakeKey = keyof typeof intake | StationKey

export function t(key: IntakeKey, params?: Params): string {
  return key in intake ? fill(intake[key as keyof typeof intake], params) : station(key as StationKey, params)
}
