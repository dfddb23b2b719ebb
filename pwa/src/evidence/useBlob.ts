/** Pictures and sound of evidence as object URLs, fetched when first needed and forgotten with the screen. */
import { onBeforeUnmount, shallowReactive, watchEffect } from 'vue'
import type { EvidenceView } from '@/core/types'
import { getBlobUrl, getPictureUrl, type Rendition } from '@/sync/store'

export function useThumbs(items: () => readonly EvidenceView[]) {
  const urls = shallowReactive(new Map<string, string>())
  const asked = new Map<string, string>()
  let gone = false

  watchEffect(() => {
    for (const item of items()) {
      if (item.kind !== 'photo' || !(item.local || item.has_thumb)) continue
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

/** Drawn by no browser but Safari; the server's rendition is drawn by all. */
const UNDRAWABLE = /hei[cf]/

/** Renditions that exist somewhere, best first: nothing is asked for that would only be answered 404. */
export function renditionsOf(item: EvidenceView): Rendition[] {
  const arrived = item.state === 'received' || item.state === 'ready'
  const original: Rendition[] = (item.local || arrived) && !UNDRAWABLE.test(item.media_type) ? ['original'] : []
  const display: Rendition[] = item.has_display ? ['display'] : []
  return item.local ? [...original, ...display] : [...display, ...original]
}

/** The picture alone, to be laid over or beside another: a strip of words must not be taken for what was there. */
export const pictureUrl = async (item: EvidenceView): Promise<string | null> => (await getPictureUrl(item)) ?? largeUrl(item)

/** The best picture to look at closely. */
export async function largeUrl(item: EvidenceView): Promise<string | null> {
  for (const rendition of renditionsOf(item)) {
    const url = await getBlobUrl(item, rendition)
    if (url) return url
  }
  return null
}
