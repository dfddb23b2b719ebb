/** Visible words. Screens that load lazily bring their own catalogue, so that the first load stays small. */
import base from '@/locales/zh-CN.json'

export type TextKey = keyof typeof base
export type Params = Record<string, string | number>

export function fill(template: string, params?: Params): string {
  return params ? template.replace(/\{(\w+)\}/g, (whole, key: string) => (key in params ? String(params[key]) : whole)) : template
}

/** The words for `key`, with {name} places filled. */
export function t(key: TextKey, params?: Params): string {
  return fill(base[key], params)
}

/** Words for a key made at run time (a problem code, a command name); `otherwise` when the catalogue has none. */
export function tMaybe(key: string, otherwise: string, params?: Params): string {
  const found = (base as Record<string, string>)[key]
  return found === undefined ? otherwise : fill(found, params)
}
