/** The written profile as text. Pure. */

/** The same text with `version` set to what the next one must be; untouched when it names none. */
export function withVersion(text: string, version: number): string {
  return text.replace(/^version(\s*)=(\s*)\d+/m, `version$1=$2${version}`)
}

/** Where line `line` (from 1) begins and ends, for selecting it. */
export function lineRange(text: string, line: number): [number, number] {
  const lines = text.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
  return [Math.min(start, text.length), Math.min(start + (lines[line - 1]?.length ?? 0), text.length)]
}
