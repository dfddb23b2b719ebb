/** The microphone behind the recorder state machine; every second of sound is on disk before the next one ends. */
import { onBeforeUnmount, shallowRef } from 'vue'
import { newId } from '@/core/command'
import { faultOf } from '@/evidence/captureMachine'
import { nextRecorder, recorderType, silent, type RecorderEvent, type RecorderState } from '@/evidence/recorderMachine'
import { appendChunk, beginRecording } from '@/evidence/recorderStore'
import { serverNow } from '@/sync/store'

const CHUNK_MS = 1_000

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}

export function useRecorder(ticketId: string, personId: () => string) {
  const state = shallowRef<RecorderState>(silent)
  const level = shallowRef(0)
  let recorder: MediaRecorder | null = null
  let writing: Promise<void> = Promise.resolve()
  let meter: (() => void) | null = null
  const step = (event: RecorderEvent) => { state.value = nextRecorder(state.value, event) }
  const type = () => recorderType(
    typeof MediaRecorder === 'undefined' ? undefined : (name) => MediaRecorder.isTypeSupported(name),
  )

  async function start(): Promise<void> {
    const mediaType = type()
    if (!mediaType || !navigator.mediaDevices?.getUserMedia) return step({ type: 'error', fault: 'unsupported' })
    step({ type: 'ask' })
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false } })
      await run(stream, mediaType)
    } catch (error) {
      step({ type: 'error', fault: isFull(error) ? 'full' : faultOf(error) })
    }
  }

  async function run(stream: MediaStream, mediaType: string): Promise<void> {
    const id = newId(serverNow())
    const base = mediaType.split(';')[0] ?? mediaType
    await beginRecording({ id, ticketId, personId: personId(), mediaType: base, startedAt: serverNow() })
    recorder = new MediaRecorder(stream, { mimeType: mediaType, audioBitsPerSecond: 32_000 })
    recorder.addEventListener('dataavailable', (event) => keep(id, event.data))
    recorder.addEventListener('stop', () => { void finish(stream) })
    recorder.start(CHUNK_MS)
    meter = listen(stream, (value) => { level.value = value })
    step({ type: 'begun', id, at: serverNow() })
  }

  function keep(id: string, blob: Blob): void {
    if (blob.size === 0) return
    writing = writing.then(async () => {
      await appendChunk(id, await blob.arrayBuffer(), serverNow())
      step({ type: 'chunk', bytes: blob.size })
    }).catch((error: unknown) => {
      recorder?.stop()
      step({ type: 'error', fault: isFull(error) ? 'full' : 'failed' })
    })
  }

  async function finish(stream: MediaStream): Promise<void> {
    meter?.()
    meter = null
    level.value = 0
    stream.getTracks().forEach((track) => track.stop())
    await writing
    step({ type: 'finished', at: serverNow() })
  }

  function stop(): void {
    step({ type: 'stop' })
    if (recorder?.state === 'recording') recorder.stop()
  }

  onBeforeUnmount(() => { if (recorder?.state === 'recording') recorder.stop() })
  return { state, level, start, stop, reset: () => step({ type: 'discard' }), supported: () => type() !== null }
}

/** Loudness 0..1 ten times a second, so that the person sees the microphone hears. Returns how to end it. */
function listen(stream: MediaStream, report: (level: number) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    report(Math.min(1, Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length) * 4))
  }, 100)
  return () => {
    clearInterval(timer)
    void context.close()
  }
}
