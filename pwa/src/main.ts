import { createApp } from 'vue'
import './styles/tokens.css'
import './styles/base.css'
import './platform/preferences'
import { showEarly } from './sync/early'
import { bootFromDisk } from './sync/wake'
import App from './App.vue'
import { faults, noteFault } from './faults'
import { addScreens, router } from './router'

async function start(): Promise<void> {
  await bootFromDisk().catch((error: unknown) => {
    // Private windows and broken profiles refuse IndexedDB: say so instead of showing an empty list.
    faults.value = 'no_storage'
    noteFault(error)
  })
  const app = createApp(App)
  app.config.errorHandler = noteFault
  app.use(router)
  app.mount('#app')
  void showEarly().catch(noteFault)
  // The list stands; what talks to the network comes now.
  const [{ goOnline }, { watchForUpdates }] = await Promise.all([import('./sync/boot'), import('./platform/updateWatch'), import('./ui/moreIcons'), import('./tickets/rowMarks'), addScreens()])
  await goOnline(noteFault)
  void import('./platform/warm').then(({ warm }) => warm()).catch(noteFault)
  await watchForUpdates((path) => void router.push(path))
}

void start().catch(noteFault)
