import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = new URL('../src/', import.meta.url).pathname
const CHINESE = /[\u3400-\u9fff\uf900-\ufaff]/

function files(folder: string, ends: RegExp): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path, ends) : ends.test(name) ? [path] : []
  })
}

/** Comments may quote the interface; what reaches a person may not stand in code. */
export function withoutComments(source: string): string {
  return source.replace(/<!--[\s\S]*?-->/g, '').replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
}

describe('visible words', () => {
  it('stand in the catalogues only', () => {
    const found = files(SRC, /\.(ts|vue)$/).flatMap((path) => withoutComments(readFileSync(path, 'utf8')).split('\n')
      .filter((line) => CHINESE.test(line)).map((line) => `${path.slice(SRC.length)}: ${line.trim()}`))
    expect(found).toEqual([])
  })

  it('the check sees a literal beside a comment', () => {
    expect(CHINESE.test(withoutComments('const a = "好" // 好'))).toBe(true)
    expect(CHINESE.test(withoutComments('/** 好 */ const a = 1 // 好'))).toBe(false)
  })

  it('every catalogue is whole: no empty words, no key twice', () => {
    const seen = new Map<string, string>()
    for (const path of files(join(SRC, 'locales'), /\.json$/)) {
      const name = path.slice(SRC.length)
      const text = readFileSync(path, 'utf8')
      for (const [key, words] of Object.entries(JSON.parse(text) as Record<string, string>)) {
        expect(words.trim(), `${name} ${key}`).not.toBe('')
        expect(seen.get(key), `${key} in ${name} and ${seen.get(key)}`).toBeUndefined()
        seen.set(key, name)
      }
    }
    expect(seen.size).toBeGreaterThan(200)
  })
})
