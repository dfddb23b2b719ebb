/** After the build: writes .br and .gz beside what compresses, so that the server never compresses while a phone waits. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const TEXT = /\.(js|css|html|svg|webmanifest)$/

function compress(path) {
  const bytes = readFileSync(path)
  if (existsSync(`${path}.br`) && statSync(`${path}.br`).mtimeMs >= statSync(path).mtimeMs) return
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}

for (const folder of ['', 'assets']) {
  for (const name of readdirSync(join(DIST, folder))) {
    const path = join(DIST, folder, name)
    if (TEXT.test(name) && statSync(path).isFile()) compress(path)
  }
}
