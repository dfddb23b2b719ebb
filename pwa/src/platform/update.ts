/** A newer version takes over when the person changes the screen with nothing unsaved and nothing under way: without a question. */

/** What is ready to take over: a waiting service worker, or, where there is none (WeChat), another build on the server. */
export const newer: { worker: ServiceWorker | null; build: string | null; reloadTo: string | null } = { worker: null, build: null, reloadTo: null }

/** At a change of route: true when a newer version takes over and opens `path` itself. */
export function takeOver(path: string, idle: boolean): boolean {
  if (!idle || (newer.worker === null && newer.build === null)) return false
  if (newer.worker) {
    newer.reloadTo = path
    newer.worker.postMessage({ kind: 'activate' })
    // A worker that does not answer must not keep the person from the next screen.
    setTimeout(() => location.assign(path), 3_000)
    return true
  }
  sessionStorage.setItem('doorstep.build', newer.build!)
  void fetch('/', { cache: 'reload' }).finally(() => location.assign(path))
  return true
}
