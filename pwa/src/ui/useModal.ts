/**
 * What every dialog does: the topmost one hears Escape wherever the focus has strayed (a button that becomes busy, or goes,
 * lets it fall to the page), Tab stays inside, and focus goes back to where it was.
 */
import { nextTick, onBeforeUnmount, watch, type Ref } from 'vue'

const STOPS = 'button:not([disabled]),a[href],input,textarea,select,[tabindex="0"]'
/** Dialogs that are open, the topmost last. */
const open: object[] = []

export function useModal(shown: () => boolean, panel: Ref<HTMLElement | undefined>, close: () => void, keys?: (event: KeyboardEvent) => void): void {
  const me = {}
  let before: HTMLElement | null = null

  function onKey(event: KeyboardEvent): void {
    if (open[open.length - 1] !== me) return
    if (event.key === 'Escape') return close()
    if (event.key !== 'Tab') return keys?.(event)
    const all = Array.from(panel.value?.querySelectorAll<HTMLElement>(STOPS) ?? [])
    const [first, last, at] = [all[0], all[all.length - 1], document.activeElement]
    if (panel.value?.contains(at) && at !== (event.shiftKey ? first : last) && !(event.shiftKey && at === panel.value)) return
    event.preventDefault()
    ;(event.shiftKey ? last : first)?.focus()
  }
  function leave(): void {
    const place = open.indexOf(me)
    if (place < 0) return
    open.splice(place, 1)
    document.removeEventListener('keydown', onKey)
    if (open.length === 0) document.body.style.overflow = ''
    // What opened it may be gone, as the row of something that was removed is.
    ;(before?.isConnected ? before : document.querySelector<HTMLElement>('main a,main button'))?.focus()
  }
  watch(shown, async (now) => {
    if (!now) return leave()
    before = document.activeElement as HTMLElement | null
    open.push(me)
    document.addEventListener('keydown', onKey)
    document.body.style.overflow = 'hidden'
    await nextTick()
    panel.value?.focus()
  }, { immediate: true, flush: 'post' })
  onBeforeUnmount(leave)
}
