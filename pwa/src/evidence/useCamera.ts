/** The phone's rear camera behind the capture state machine. */
import { onBeforeUnmount, shallowRef, type ShallowRef } from 'vue'
import { canShoot, faultOf, idle, next, type CaptureEvent, type CaptureState } from '@/evidence/captureMachine'

export interface Shot { blob: Blob; width: number | null }

interface PhotoTaker { takePhoto(): Promise<Blob> }
type PhotoTakerClass = new (track: MediaStreamTrack) => PhotoTaker

/** A still that takes longer than this is lost in the camera driver; the preview frame is taken instead. */
const PHOTO_TIMEOUT_MS = 5_000

const photoTaker = (): PhotoTakerClass | undefined =>
  (globalThis as unknown as { ImageCapture?: PhotoTakerClass }).ImageCapture

function constraints(): MediaStreamConstraints {
  // takePhoto() gives the sensor's full picture whatever the preview is, so a light preview saves battery;
  // without it the preview frame is the photo and is asked for as large as the camera has it.
  const [width, height] = photoTaker() ? [1920, 1440] : [4096, 3072]
  return {
    audio: false,
    video: { facingMode: { ideal: 'environment' }, width: { ideal: width }, height: { ideal: height } },
  }
}

function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('timeout')), ms)),
  ])
}

async function frameOf(video: HTMLVideoElement): Promise<Shot> {
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  const context = canvas.getContext('2d')
  if (!context || canvas.width === 0) throw new Error('no_frame')
  context.drawImage(video, 0, 0)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.92))
  if (!blob) throw new Error('no_frame')
  return { blob, width: canvas.width }
}

export function useCamera(video: Readonly<ShallowRef<HTMLVideoElement | null>>) {
  const state = shallowRef<CaptureState>(idle)
  const torch = shallowRef<boolean | null>(null)
  let stream: MediaStream | null = null
  let taker: PhotoTaker | null = null
  let queue: Promise<unknown> = Promise.resolve()
  const step = (event: CaptureEvent) => { state.value = next(state.value, event) }
  const waiting = () => state.value.name === 'starting'

  async function start(): Promise<void> {
    if (waiting() || state.value.name === 'live') return
    step({ type: 'start' })
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw Object.assign(new Error(), { name: 'NotSupportedError' })
      const opened = await navigator.mediaDevices.getUserMedia(constraints())
      // The page may have been left or hidden while the permission question stood on the screen.
      if (!waiting() || !video.value) return close(opened)
      await attach(opened, video.value)
      step({ type: 'started' })
    } catch (error) {
      release()
      step({ type: 'error', fault: faultOf(error) })
    }
  }

  async function attach(opened: MediaStream, element: HTMLVideoElement): Promise<void> {
    stream = opened
    const track = opened.getVideoTracks()[0]
    track?.addEventListener('ended', () => { if (stream === opened) lost() })
    const Taker = photoTaker()
    taker = Taker && track ? new Taker(track) : null
    const abilities = (track?.getCapabilities?.() ?? {}) as { torch?: boolean }
    torch.value = abilities.torch ? false : null
    element.srcObject = opened
    await element.play()
  }

  function lost(): void {
    release()
    step({ type: 'error', fault: 'busy' })
  }

  function close(opened: MediaStream | null): void {
    opened?.getTracks().forEach((track) => track.stop())
  }

  function release(): void {
    close(stream)
    stream = null
    taker = null
    torch.value = null
    if (video.value) video.value.srcObject = null
  }

  async function expose(): Promise<Shot> {
    if (taker) {
      try {
        const blob = await within(taker.takePhoto(), PHOTO_TIMEOUT_MS)
        if (blob.size > 0) return { blob, width: null }
      } catch {
        // Some drivers refuse stills for good; the frame on the screen is what the person aimed at.
        taker = null
      }
    }
    if (!video.value) throw new Error('no_frame')
    return frameOf(video.value)
  }

  /**
   * One exposure after the other: two takePhoto() at once make several Android drivers reject both.
   * Null when the camera is not ready. `done()` frees the place in the burst once the photo is stored.
   */
  async function shoot(): Promise<{ shot: Shot; done: () => void } | null> {
    if (!canShoot(state.value)) return null
    step({ type: 'shutter' })
    const done = () => step({ type: 'kept' })
    const mine = queue.then(expose)
    queue = mine.catch(() => undefined)
    try {
      return { shot: await mine, done }
    } catch (error) {
      done()
      throw error
    }
  }

  async function toggleTorch(): Promise<void> {
    const track = stream?.getVideoTracks()[0]
    if (!track || torch.value === null) return
    const on = !torch.value
    await track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
    torch.value = on
  }

  function onVisibility(): void {
    if (document.hidden) {
      release()
      step({ type: 'hidden' })
    } else if (state.value.name === 'resting') void start()
  }

  document.addEventListener('visibilitychange', onVisibility)
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', onVisibility)
    release()
    step({ type: 'hidden' })
  })
  return { state, torch, start, shoot, toggleTorch }
}
