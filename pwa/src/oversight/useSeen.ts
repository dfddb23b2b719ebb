/**
 * A signature binds to what was on the screen. The hash is fixed when the reply is first shown; when another version
 * arrives under the reader's eyes, the signature stays bound to the old one until they say that they have read the new.
 * What nobody could sign (the version that went back, shown until the phone has heard of the next one) binds nothing.
 */
import { computed, shallowRef, watch } from 'vue'
import type { Reply } from '@/core/types'

export function useSeen(reply: () => Reply | null, signable: () => boolean) {
  const seen = shallowRef<Reply | null>(reply())
  let bound = false
  watch([() => reply()?.content_hash, signable], () => {
    if (!bound) seen.value = reply()
    bound ||= seen.value !== null && signable()
  }, { immediate: true })
  const changed = computed(() => {
    const current = reply()
    return current !== null && seen.value !== null
      && (current.id !== seen.value.id || current.content_hash !== seen.value.content_hash)
  })
  return { seen, changed, readAgain: () => { seen.value = reply() } }
}
