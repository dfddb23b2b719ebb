import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

const build = process.env.DOORSTEP_BUILD ?? new Date().toISOString().replace(/\D/g, '').slice(0, 14)
const server = process.env.DOORSTEP_SERVER ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [
    vue(),
    // Which build a page came from, readable by the server and by pages without a service worker.
    { name: 'build-id', generateBundle() { this.emitFile({ type: 'asset', fileName: 'build.txt', source: build }) } },
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/sw',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        globPatterns: ['index.html', 'assets/**/*.{js,css}', 'icon.svg', 'manifest.webmanifest'],
      },
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __BUILD__: JSON.stringify(build),
    __VUE_OPTIONS_API__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
  },
  build: {
    target: ['es2020', 'chrome87', 'safari14'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    manifest: 'assets-manifest.json',
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(['/api', '/files', '/healthz'].map((path) => [path, server])) },
})
