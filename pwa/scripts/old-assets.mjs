/**
 * Pages that are still open ask for the files of the build they came from: `keep` sets the present ones aside before a build, `restore`
 * puts those of the last 14 days back beside the new ones (after the precache list was made, which names only the new).
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const DIST = fileURLToPath(new URL('../dist/assets/', import.meta.url))
const KEPT = fileURLToPath(new URL('../.kept-assets/', import.meta.url))
const AGE = 14 * 24 * 3600 * 1000

function copyMissing(from, to) {
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const target = join(to, name)
    if (!existsSync(target)) cpSync(join(from, name), target, { preserveTimestamps: true })
  }
}

if (process.argv[2] === 'keep') {
  copyMissing(DIST, KEPT)
} else {
  if (existsSync(KEPT)) {
    for (const name of readdirSync(KEPT)) if (Date.now() - statSync(join(KEPT, name)).mtimeMs > AGE) rmSync(join(KEPT, name))
  }
  copyMissing(KEPT, DIST)
}
