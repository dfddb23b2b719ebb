import { describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { evidenceLabel } from '@/core/outcome'
import { useRetake } from '@/evidence/useRetake'
import { canShoot, faultOf, idle, MAX_SHOOTING, next, type CaptureEvent, type CaptureState } from '@/evidence/captureMachine'
import { madeAt } from '@/evidence/importFile'
import { mediaTypeOf } from '@/evidence/mediaType'
import { peaksOf } from '@/evidence/peaks'
import { bestFix, FIX_MAX_AGE_MS, offset, qualityOf, sampledOf, type Fix } from '@/evidence/position'
import { nextRecorder, recorderType, silent, type RecorderEvent, type RecorderState } from '@/evidence/recorderMachine'
import { renditionsOf } from '@/evidence/useBlob'
import { evidence } from './fixtures'

const run = (...events: CaptureEvent[]): CaptureState => events.reduce(next, idle)
const record = (...events: RecorderEvent[]): RecorderState => events.reduce(nextRecorder, silent)
const LIVE: CaptureEvent[] = [{ type: 'start' }, { type: 'started' }]

describe('viewfinder', () => {
  it('shoots only while live, and no more at once than the phone bears', () => {
    expect(canShoot(run({ type: 'start' }))).toBe(false)
    const burst = run(...LIVE, ...Array.from({ length: 5 }, (): CaptureEvent => ({ type: 'shutter' })))
    expect(burst).toEqual({ name: 'live', shooting: MAX_SHOOTING })
    expect(canShoot(burst)).toBe(false)
    expect(canShoot(next(burst, { type: 'kept' }))).toBe(true)
  })

  it('keeps counting a shot that ends after the page was hidden, and never below zero', () => {
    const hidden = run(...LIVE, { type: 'shutter' }, { type: 'hidden' })
    expect(hidden).toEqual({ name: 'resting', shooting: 1 })
    expect(next(next(hidden, { type: 'kept' }), { type: 'kept' })).toEqual({ name: 'resting', shooting: 0 })
  })

  it('comes back from a fault and ignores a camera that opens too late', () => {
    const lost = run(...LIVE, { type: 'error', fault: 'busy' })
    expect(lost.name).toBe('fault')
    expect(next(lost, { type: 'started' })).toBe(lost)
    expect(next(lost, { type: 'start' })).toEqual({ name: 'starting' })
  })

  it('tells apart what the person can do about it', () => {
    const named = (name: string) => faultOf(Object.assign(new Error(), { name }))
    expect([named('NotAllowedError'), named('NotFoundError'), named('NotReadableError'), named('NotSupportedError'), faultOf(null)])
      .toEqual(['denied', 'missing', 'busy', 'unsupported', 'failed'])
  })
})

describe('recorder', () => {
  it('keeps what came when the microphone was taken away', () => {
    const state = record({ type: 'ask' }, { type: 'begun', id: 'r', at: 1_000 }, { type: 'chunk', bytes: 10 }, { type: 'finished', at: 4_000 })
    expect(state).toEqual({ name: 'ready', id: 'r', bytes: 10, durationS: 3 })
  })

  it('calls a recording without a byte a failure', () => {
    expect(record({ type: 'ask' }, { type: 'begun', id: 'r', at: 0 }, { type: 'stop' }, { type: 'finished', at: 1 }).name).toBe('fault')
  })

  it('does not start a second one over the first', () => {
    const running = record({ type: 'ask' }, { type: 'begun', id: 'r', at: 0 })
    expect(nextRecorder(running, { type: 'ask' })).toBe(running)
    expect(nextRecorder(running, { type: 'begun', id: 'x', at: 1 })).toBe(running)
  })

  it('takes the first format the browser has, none where it has none', () => {
    expect(recorderType((type) => type === 'audio/mp4')).toBe('audio/mp4')
    expect(recorderType(() => true)).toBe('audio/webm;codecs=opus')
    expect(recorderType(undefined)).toBeNull()
  })
})

describe('position at the shutter', () => {
  const fix = (accuracy_m: number, ageMs: number) => ({ lat: 1, lon: 2, accuracy_m, at: 1_000_000 - ageMs })

  it('prefers the accurate one among the fresh, and none to a stale one', () => {
    expect(bestFix([fix(40, 0), fix(10, 5_000)], 1_000_000)?.accuracy_m).toBe(10)
    expect(bestFix([fix(5, FIX_MAX_AGE_MS + 1)], 1_000_000)).toBeNull()
    expect(bestFix([fix(5, 50_000), fix(20, 0)], 1_000_000)?.accuracy_m).toBe(20)
  })

  it('has a word for how good it is', () => {
    expect([qualityOf(null), qualityOf(fix(30, 0)), qualityOf(fix(31, 0))]).toEqual(['none', 'good', 'rough'])
  })
})

describe('several samples', () => {
  const at = (east: number, north: number, ms: number): Fix =>
    ({ lat: 40.4 + north / 111_195, lon: 110 + east / (111_195 * Math.cos((40.4 * Math.PI) / 180)), accuracy_m: 8, at: ms })

  it('say how far apart they are and over how long', () => {
    expect(sampledOf([at(0, 0, 0), at(6, 0, 1_000), at(3, 0, 2_400)], 2_400)).toEqual({ samples: 3, spread_m: 3, span_s: 2.4 })
    expect(sampledOf([at(0, 0, 0), at(0, 0, 5_000)], 5_000)).toEqual({ samples: 2, spread_m: 0, span_s: 5 })
  })

  it('leave out those of another door', () => {
    expect(sampledOf([at(0, 900, 0), at(0, 0, FIX_MAX_AGE_MS + 1)], FIX_MAX_AGE_MS + 1)).toEqual({ samples: 1, spread_m: 0, span_s: 0 })
  })

  it('are metres east and north of each other', () => {
    expect(offset(at(0, 0, 0), at(30, -40, 0)).map(Math.round)).toEqual([30, -40])
  })
})

describe('taking a shot again', () => {
  const made = () => {
    vi.useFakeTimers()
    const gone: string[] = []
    const scope = effectScope()
    return { gone, scope, retake: scope.run(() => useRetake((id) => gone.push(id)))! }
  }

  it('withdraws the one before only when the new one is kept and the person had time to think', () => {
    const { gone, retake } = made()
    retake.taken('first')
    retake.again()
    expect([retake.instead.value, gone]).toEqual(['first', []])
    retake.taken('second')
    expect([retake.leaving.value, retake.last.value, gone]).toEqual(['first', 'second', []])
    vi.runAllTimers()
    expect([gone, retake.leaving.value]).toEqual([['first'], null])
  })

  it('keeps both when taken back, and neither waits when the next shot comes', () => {
    const { gone, retake } = made()
    retake.taken('first')
    retake.again()
    retake.taken('second')
    retake.undo()
    vi.runAllTimers()
    expect(gone).toEqual([])
    retake.again()
    retake.taken('third')
    retake.taken('fourth')
    expect(gone).toEqual(['second'])
  })

  it('says it where the picture is from: an album vouches for nothing', () => {
    expect(evidenceLabel(evidence('a', { source: 'gallery', state: 'ready' })).text).toContain('相册导入·未验证')
    expect(evidenceLabel(evidence('a', { source: 'camera', state: 'ready' })).text).not.toContain('相册')
  })
})

describe('picked files', () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer
  const nothing = bytes('????????????')

  it('get their type from the ending when the phone gives none and the bytes say nothing', () => {
    expect(mediaTypeOf({ name: 'REC.AMR', type: '' }, nothing)).toBe('audio/amr')
    expect(mediaTypeOf({ name: 'a.webm', type: 'audio/webm;codecs=opus' }, nothing)).toBe('audio/webm')
    expect(mediaTypeOf({ name: 'noending', type: '' }, nothing)).toBe('application/octet-stream')
  })

  it('are what their bytes are, whatever the gallery calls them', () => {
    expect(mediaTypeOf({ name: 'IMG_1.HEIC', type: 'image/heic' }, bytes('\xff\xd8\xff\xe0'))).toBe('image/jpeg')
    expect(mediaTypeOf({ name: 'IMG_2.jpg', type: 'image/jpeg' }, bytes('\0\0\0\x18ftypheic'))).toBe('image/heic')
    expect(mediaTypeOf({ name: 'save.jpg', type: 'image/jpeg' }, bytes('RIFF\0\0\0\0WEBPVP8 '))).toBe('image/webp')
    expect(mediaTypeOf({ name: 'call', type: 'video/webm' }, bytes('\x1a\x45\xdf\xa3'))).toBe('audio/webm')
    expect(mediaTypeOf({ name: 'call.mp3', type: 'audio/mpeg' }, bytes('\0\0\0\x18ftypM4A '))).toBe('audio/mp4')
    expect(mediaTypeOf({ name: 'adts', type: '' }, bytes('\xff\xf1\x50\x80'))).toBe('audio/aac')
  })

  it("keep the phone's own word where it names the same container", () => {
    expect(mediaTypeOf({ name: 'a.m4a', type: 'audio/x-m4a' }, bytes('\0\0\0\x18ftypM4A '))).toBe('audio/x-m4a')
    expect(mediaTypeOf({ name: 'a.heif', type: 'image/heif' }, bytes('\0\0\0\x18ftypmif1'))).toBe('image/heif')
    expect(mediaTypeOf({ name: 'a.docx', type: '' }, bytes('PK\x03\x04'))).toContain('wordprocessingml')
  })

  it('are dated in server time, never in the future', () => {
    expect(madeAt(900, 1_000, 5_000)).toBe(new Date(4_900).toISOString())
    expect(madeAt(2_000, 1_000, 5_000)).toBe(new Date(5_000).toISOString())
  })
})

describe('which picture to ask for', () => {
  it('takes the phone\'s own first and asks for nothing that is not there', () => {
    expect(renditionsOf(evidence('a', { local: true, has_display: true }))).toEqual(['original', 'display'])
    expect(renditionsOf(evidence('a', { local: false, has_display: true, state: 'ready' }))).toEqual(['display', 'original'])
    expect(renditionsOf(evidence('a', { local: false, state: 'declared' }))).toEqual([])
    expect(renditionsOf(evidence('a', { local: true, media_type: 'image/heic', has_display: true }))).toEqual(['display'])
  })
})

describe('loudness', () => {
  it('is the loudest sample of each step', () => {
    expect(peaksOf(Float32Array.from([0.1, -0.5, 0.2, 0]), 2)).toEqual([0.5, Math.fround(0.2)])
    expect(peaksOf(new Float32Array(0), 3)).toEqual([])
    expect(peaksOf(Float32Array.from([0.25]), 3)).toEqual([0.25, 0.25, 0.25])
  })
})
