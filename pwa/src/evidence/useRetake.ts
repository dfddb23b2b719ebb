/**
 * 重拍: the next shot takes the place of the last one. That one is withdrawn, never deleted, and only when the new one is safe on this
 * phone and the person has had time to think again. Dying in between leaves both photos: nothing is lost either way.
 */
import { onBeforeUnmount, shallowRef } from 'vue'

/** As long as a person needs to see that the new shot is the worse one. */
const THINK_MS = 8_000

export function useRetake(withdraw: (id: string) => unknown) {
  /** The shot just taken · the one the next shot replaces · the one that was replaced and is about to be withdrawn. */
  const last = shallowRef<string | null>(null)
  const instead = shallowRef<string | null>(null)
  const leaving = shallowRef<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle(): void {
    clearTimeout(timer)
    const id = leaving.value
    leaving.value = null
    if (id) void withdraw(id)
  }
  function taken(id: string): void {
    settle()
    if (instead.value) {
      leaving.value = instead.value
      timer = setTimeout(settle, THINK_MS)
    }
    instead.value = null
    last.value = id
  }
  function again(): void {
    settle()
    instead.value = last.value
  }
  function undo(): void {
    clearTimeout(timer)
    instead.value = leaving.value = null
  }
  function forget(): void {
    settle()
    undo()
    last.value = null
  }
  onBeforeUnmount(settle)
  return { last, instead, leaving, taken, again, undo, forget }
}
