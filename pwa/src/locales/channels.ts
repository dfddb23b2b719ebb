/** Words of the screens about channels, beside those of the station. */
import words from './zh-CN.channels.json'
import { fill, type Params } from '@/core/text'
import { t as station, type StationKey } from './station'

export type ChannelKey = keyof typeof words | StationKey

export function t(key: ChannelKey, params?: Params): string {
  return key in words ? fill(words[key as keyof typeof words], params) : station(key as StationKey, params)
}
