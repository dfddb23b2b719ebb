import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  plugins: [vue()],
  define: { __BUILD__: '"test"' },
  resolve: {
    alias: {
      '@': here('./src'),
      // The phone's half of the library, not the one for Node.
      'tus-js-client': here('./node_modules/tus-js-client/lib.esm/browser/index.js'),
    },
  },
  test: {
    include: ['tests/**/*.test.ts', 'src/**/*.test.ts'],
    pool: 'threads',
    maxWorkers: 1,
    restoreMocks: true,
    // happy-dom prints every refused request; refusing is what these tests are about.
    silent: 'passed-only',
    server: { deps: { inline: ['tus-js-client'] } },
  },
})
