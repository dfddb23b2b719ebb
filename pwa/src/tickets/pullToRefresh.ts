/** Pull down at the top of a scroller to ask the server for news. */
import { onBeforeUnmount, ref, watch, type Ref } from 'vue'

const ENOUGH = 64
const FURTHEST = 96

export interface Pulling { distance: Ref<number>; busy: Ref<boolean>; ready: Ref<boolean> }

/** `host`: the element whose first child scroller is pulled. `refresh` may reject; the state it leaves is shown elsewhere. */
export function usePullToRefresh(host: Readonly<Ref<HTMLElement | undefined>>, scrollTop: () => number, refresh: () => Promise<unknown>): Pulling {
  const distance = ref(0)
  const busy = ref(false)
  const ready = ref(false)
  let from: number | null = null

  const start = (event: TouchEvent) => { from = scrollTop() <= 0 && !busy.value ? event.touches[0]!.clientY : null }
  const move = (event: TouchEvent) => {
    if (from === null) return
    const pulled = (event.touches[0]!.clientY - from) / 2
    if (pulled <= 0) { distance.value = 0; return }
    if (event.cancelable) event.preventDefault()
    distance.value = Math.min(FURTHEST, pulled)
    ready.value = pulled > ENOUGH
  }
  const end = async () => {
    if (from === null) return
    from = null
    if (ready.value) {
      busy.value = true
      distance.value = ENOUGH / 1.5
      await refresh().catch(() => undefined)
      busy.value = false
    }
    ready.value = false
    distance.value = 0
  }

  watch(host, (now, _old, onCleanup) => {
    if (!now) return
    now.addEventListener('touchstart', start, { passive: true })
    now.addEventListener('touchmove', move, { passive: false })
    now.addEventListener('touchend', end)
    now.addEventListener('touchcancel', end)
    onCleanup(() => {
      now.removeEventListener('touchstart', start)
      now.removeEventListener('touchmove', move)
      now.removeEventListener('touchend', end)
      now.removeEventListener('touchcancel', end)
    })
  }, { immediate: true })
  onBeforeUnmount(() => { from = null })
  return { distance, busy, ready }
}
