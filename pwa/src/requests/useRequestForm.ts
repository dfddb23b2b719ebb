/** The words of a request being written. Going out to take a photo must not cost them, so they stay with the browser's session. */
import { reactive, watch } from 'vue'

export interface RequestWords {
  reason: string
  grounds: string[]
  fields: Record<string, string>
  /** Chosen evidence, by id. */
  materials: string[]
  unit: string | null
  /** Values of a date field, in the jurisdiction's zone. */
  newDue: string
  until: string
}

export function useRequestForm(ticketId: string, kind: string, start: Partial<RequestWords>) {
  const key = `doorstep.ask.${ticketId}.${kind}`
  const words = reactive<RequestWords>({ reason: '', grounds: [], fields: {}, materials: [], unit: null, newDue: '', until: '', ...start, ...read(key) })
  const stop = watch(words, () => sessionStorage.setItem(key, JSON.stringify(words)), { deep: true })
  return {
    words,
    /** Sent: the next request of this kind begins empty. */
    forget(): void {
      stop()
      sessionStorage.removeItem(key)
    },
  }
}

function read(key: string): Partial<RequestWords> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<RequestWords>
  } catch {
    return {}
  }
}
