/** Prints what a phone downloads, brotli, beside the budgets; fails over a goal. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const GOALS = { first: 45, shared: 25, route: 25, precache: 150 }
/** Loaded once: the engine right after the first paint, the kit with the first screen that is opened. */
const SHARED = ['engine', 'kit']
const manifest = JSON.parse(readFileSync(`${DIST}assets-manifest.json`, 'utf8'))
const sizes = new Map()

function br(file) {
  if (!sizes.has(file)) sizes.set(file, brotliCompressSync(readFileSync(DIST + file)).length)
  return sizes.get(file)
}

/** Files that `key` needs at once: itself, its styles and its static imports. */
function closure(key, seen = new Set()) {
  const entry = manifest[key]
  for (const file of [entry.file, ...(entry.css ?? [])]) seen.add(file)
  for (const other of entry.imports ?? []) if (!seen.has(manifest[other].file)) closure(other, seen)
  return seen
}

const kb = (bytes) => bytes / 1024
const sum = (files) => kb([...files].reduce((total, file) => total + br(file), 0))
const rows = []
// The page itself says what it starts with; what it fetches at low priority is for after the first paint.
const tags = [...readFileSync(`${DIST}index.html`, 'utf8').matchAll(/<(?:script|link)[^>]*"\/(assets\/[^"]+)"[^>]*>/g)].filter(([tag]) => !tag.includes('fetchpriority="low"'))
const keyOf = (file) => Object.keys(manifest).find((key) => manifest[key].file === file)
const first = new Set(tags.flatMap(([, file]) => [...closure(keyOf(file))]))
if (first.size === 0) throw new Error('index.html names no asset')
rows.push(['first JS+CSS', sum(first), GOALS.first])
const had = new Set(first)
for (const name of SHARED) {
  const key = Object.keys(manifest).find((k) => manifest[k].name === name)
  const added = [...closure(key)].filter((file) => !had.has(file))
  for (const file of added) had.add(file)
  rows.push([name, sum(added), GOALS.shared])
}

for (const [key, entry] of Object.entries(manifest)) {
  if (!entry.isDynamicEntry) continue
  const added = [...closure(key)].filter((file) => !had.has(file))
  rows.push([`${key.replace(/^src\//, '')}`, sum(added), GOALS.route])
}

const worker = readFileSync(`${DIST}sw.js`, 'utf8')
const cached = [...new Set([...worker.matchAll(/"?url"?:\s*"([^"]+)"/g)].map((match) => match[1]))]
if (cached.length === 0) throw new Error('no precache list in sw.js')
rows.push(['precache', sum(cached), GOALS.precache])

// A screen kept for offline that needs a file which is not would be a white page in a lift.
const kept = new Set(cached)
for (const [key, entry] of Object.entries(manifest)) {
  for (const other of kept.has(entry.file) ? entry.imports ?? [] : []) {
    if (!kept.has(manifest[other].file)) throw new Error(`${key} is kept for offline, ${manifest[other].name ?? other} that it needs is not`)
  }
}

let over = 0
for (const [name, size, goal] of rows) {
  const bad = size > goal
  if (bad) over += 1
  console.log(`${bad ? '✗' : '✓'} ${size.toFixed(2).padStart(7)} KB  goal ${String(goal).padStart(3)}  ${name}`)
}
process.exitCode = over > 0 ? 1 : 0
