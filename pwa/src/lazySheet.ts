/** A sheet that only makes sense with a network and is not kept for offline: when it cannot be had, the banner says so. */
import { defineAsyncComponent, type Component } from 'vue'
import { faults } from './faults'

export function lazySheet<T extends Component>(load: () => Promise<{ default: T }>): T {
  return defineAsyncComponent({ loader: () => load().then((found) => found.default), onError: (_error, _retry, fail) => { faults.value = 'not_here'; fail() } }) as T
}

/** Something beside a screen that only the server has: without a network it is simply not there. */
export function lazyExtra<T extends Component>(load: () => Promise<{ default: T }>): T {
  return defineAsyncComponent(() => load().then((found): Component => found.default, () => () => null)) as unknown as T
}
