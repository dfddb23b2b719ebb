/** Words of evidence bundles and published roots, beside those of the station's screens. */
import proof from './zh-CN.proof.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey } from './station'

export type ProofKey = keyof typeof proof | StationKey

export function t(key: ProofKey, params?: Params): string {
  return key in proof ? fill(proof[key as keyof typeof proof], params) : station(key as StationKey, params)
}
