/** Object URLs for photos and recordings, from this phone when it has them, else from the server. */
import { authorised } from '@/platform/api'
import { db } from '@/platform/db'
import type { Evidence } from '@/core/types'

export type Rendition = 'original' | 'display' | 'thumb' | 'audio'

/** Enough for a ticket's strips and a few full views; older ones are let go so that megabytes do not pile up. */
const KEPT = 80
const urls = new Map<string, string>()
/** Chromium and Firefox cannot draw these; the server's rendition can be drawn everywhere. */
const UNDRAWABLE = /heic|heif/

function remember(key: string, blob: Blob): string {
  const url = URL.createObjectURL(blob)
  urls.set(key, url)
  if (urls.size > KEPT) {
    const [oldest, old] = urls.entries().next().value!
    urls.delete(oldest)
    URL.revokeObjectURL(old)
  }
  return url
}

async function local(id: string, rendition: Rendition): Promise<Blob | null> {
  const store = await db()
  const [blob, row] = await Promise.all([store.get('blobs', id), store.get('uploads', id)])
  if (rendition === 'thumb' && blob?.thumb) return new Blob([blob.thumb], { type: 'image/jpeg' })
  if (!blob?.bytes || (rendition !== 'original' && UNDRAWABLE.test(row?.media_type ?? ''))) return null
  return new Blob([blob.bytes], { type: row?.media_type ?? '' })
}

async function remote(id: string, rendition: Rendition): Promise<Blob | null> {
  const response = await authorised(`/api/v1/evidence/${id}/${rendition}`).catch(() => null)
  return response?.ok ? await response.blob() : null
}

/** The picture without the strip below it, for laying pictures over or beside each other. */
export async function getPictureUrl(item: Evidence): Promise<string | null> {
  const key = `${item.id}/picture`
  const url = urls.get(key) ?? await getBlobUrl(item, 'display')
  if (!url || !item.strip_px || urls.has(key)) return url
  const image = new Image()
  image.src = url
  await image.decode()
  // The phone's own original has no strip, nor has a rendition that it kept from before.
  if (image.naturalHeight !== item.display_height! + item.strip_px) return url
  const canvas = document.createElement('canvas')
  canvas.width = image.naturalWidth
  canvas.height = item.display_height!
  canvas.getContext('2d')!.drawImage(image, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92))
  return blob ? remember(key, blob) : url
}

/** Null when neither this phone nor the server can show it now. */
export async function getBlobUrl(evidence: Pick<Evidence, 'id'> | string, rendition: Rendition): Promise<string | null> {
  const id = typeof evidence === 'string' ? evidence : evidence.id
  const key = `${id}/${rendition}`
  const held = urls.get(key)
  if (held) return held
  const blob = (await local(id, rendition)) ?? (await remote(id, rendition))
  return blob && remember(key, blob)
}
