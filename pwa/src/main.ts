import { createApp } from 'vue'
import './styles/tokens.css'
import './styles/base.css'
import './platform/preferences'
import { watchForUpdates } from './platform/update'
import { bootFromDisk, goOnline } from './sync/boot'
import App from './App.vue'
import { faults, noteFault } from './faults'
import { router } from './router'

async function start(): Promise<void> {
  const known = await bootFromDisk(noteFault).catch((error: unknown) => {
    // Private windows and broken profiles refuse IndexedDB: say so instead of showing an empty list.
    faults.value = 'no_storage'
    noteFault(error)
    return false
  })
  const app = createApp(App)
  app.config.errorHandler = noteFault
  app.use(router)
  app.mount('#app')
  if (known) await goOnline()
  await watchForUpdates((path) => void router.push(path))
}

void start().catch(noteFault)
