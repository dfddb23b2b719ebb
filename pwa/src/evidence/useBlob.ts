/** Pictures and sound of evidence as object URLs, fetched when first needed and forgotten with the screen. */
import { onBeforeUnmount, shallowReactive, watchEffect } from 'vue'
import type { EvidenceView } from '@/core/types'
import { getBlobUrl, type Rendition } from '@/sync/store'

export function useThumbs(items: () => readonly EvidenceView[]) {
  const urls = shallowReactive(new Map<string, string>())
  const asked = new Map<string, string>()
  let gone = false

  watchEffect(() => {
    for (const item of items()) {
      if (item.kind !== 'photo') continue
      // Asked again when the server has made its own: until then the phone's preview serves.
      const version = `${item.has_thumb}:${item.local}:${item.state}`
      if (asked.get(item.id) === version) continue
      asked.set(item.id, version)
      void getBlobUrl(item, 'thumb').then((url) => {
        if (url && !gone) urls.set(item.id, url)
      })
    }
  })
  onBeforeUnmount(() => { gone = true })
  return urls
}

/** The best picture to look at closely: the display rendition, else the original this phone holds. */
export async function largeUrl(item: EvidenceView): Promise<string | null> {
  const order: Rendition[] = item.has_display && !item.local ? ['display', 'original'] : ['original', 'display']
  for (const rendition of order) {
    const url = await getBlobUrl(item, rendition)
    if (url) return url
  }
  return null
}
