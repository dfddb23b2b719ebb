/** Words of the directory, which is kept for offline, beside those of the other lazy screens. */
import people from './zh-CN.people.json'
import { fill, type Params } from '@/core/text'
import { t as screens, type ScreenKey } from './screens'

export type PeopleKey = keyof typeof people | ScreenKey

export function t(key: PeopleKey, params?: Params): string {
  return key in people ? fill(people[key as keyof typeof people], params) : screens(key as ScreenKey, params)
}
