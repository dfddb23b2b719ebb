/** Words of the screen on which replies are signed off, beside those of matters: nobody else needs them. */
import words from './zh-CN.signoff.json'
import { fill, type Params } from '@/core/text'
import { t as matters, type MatterKey } from './matters'

export type SignoffKey = keyof typeof words | MatterKey

export function t(key: SignoffKey, params?: Params): string {
  return key in words ? fill(words[key as keyof typeof words], params) : matters(key as MatterKey, params)
}
