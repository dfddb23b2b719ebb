/**
 * Visible words. Only those of the first screen are in the base catalogue; the rest comes with what needs it, so that the first load
 * stays small.
 */
import base from '@/locales/zh-CN.json'

export type TextKey = keyof typeof base
export type Params = Record<string, string | number>

export function fill(template: string, params?: Params): string {
  return params ? template.replace(/\{(\w+)\}/g, (whole, key: string) => (key in params ? String(params[key]) : whole)) : template
}

export interface Words<K extends string> {
  /** The words for `key`, with {name} places filled. */
  t: (key: K, params?: Params) => string
  /** Words for a key made at run time (a problem code, a command name); `otherwise` when the catalogue has none. */
  tMaybe: (key: string, otherwise: string, params?: Params) => string
}

export function catalogue<T extends Record<string, string>>(words: T): Words<keyof T & string> {
  const known: Record<string, string> = words
  return {
    t: (key, params) => fill(known[key]!, params),
    tMaybe: (key, otherwise, params) => (known[key] === undefined ? otherwise : fill(known[key], params)),
  }
}

export const { t, tMaybe } = catalogue(base)
