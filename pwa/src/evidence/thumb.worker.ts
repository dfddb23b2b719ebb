/** Small preview of a photo for the strip on this phone, off the main thread so that the shutter stays free. */
interface Request { id: string; blob: Blob; edge: number }
declare const self: DedicatedWorkerGlobalScope

async function shrink(blob: Blob, edge: number): Promise<ArrayBuffer> {
  const whole = await createImageBitmap(blob)
  const scale = Math.min(1, edge / Math.max(whole.width, whole.height))
  const canvas = new OffscreenCanvas(Math.round(whole.width * scale), Math.round(whole.height * scale))
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no_canvas')
  context.imageSmoothingQuality = 'medium'
  context.drawImage(whole, 0, 0, canvas.width, canvas.height)
  whole.close()
  const small = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.72 })
  return small.arrayBuffer()
}

self.addEventListener('message', (event: MessageEvent<Request>) => {
  const { id, blob, edge } = event.data
  shrink(blob, edge).then(
    (bytes) => self.postMessage({ id, bytes }, [bytes]),
    () => self.postMessage({ id, bytes: null }),
  )
})
