/** A recording in the page as a pure state machine; every end leaves something to listen to or a reason. */
export type RecorderFault = 'denied' | 'missing' | 'busy' | 'unsupported' | 'full' | 'failed'

export type RecorderState =
  | { name: 'idle' }
  | { name: 'asking' }
  | { name: 'recording'; id: string; since: number; bytes: number }
  | { name: 'stopping'; id: string; since: number; bytes: number }
  | { name: 'ready'; id: string; bytes: number; durationS: number }
  | { name: 'fault'; fault: RecorderFault; id: string | null }

export type RecorderEvent =
  | { type: 'ask' }
  | { type: 'begun'; id: string; at: number }
  | { type: 'chunk'; bytes: number }
  | { type: 'stop' }
  | { type: 'finished'; at: number }
  | { type: 'error'; fault: RecorderFault }
  | { type: 'discard' }

export const silent: RecorderState = { name: 'idle' }

function running(state: RecorderState): state is Extract<RecorderState, { since: number }> {
  return state.name === 'recording' || state.name === 'stopping'
}

/** The next state; `at` is in milliseconds of any one steady clock. */
export function nextRecorder(state: RecorderState, event: RecorderEvent): RecorderState {
  switch (event.type) {
    case 'ask':
      return running(state) || state.name === 'asking' ? state : { name: 'asking' }
    case 'begun':
      return state.name === 'asking'
        ? { name: 'recording', id: event.id, since: event.at, bytes: 0 }
        : state
    case 'chunk':
      return running(state) ? { ...state, bytes: state.bytes + event.bytes } : state
    case 'stop':
      return state.name === 'recording' ? { ...state, name: 'stopping' } : state
    case 'finished':
      if (!running(state)) return state
      // The recorder may end by itself (a phone call takes the microphone): what came is kept all the same.
      return state.bytes > 0
        ? { name: 'ready', id: state.id, bytes: state.bytes, durationS: (event.at - state.since) / 1000 }
        : { name: 'fault', fault: 'failed', id: state.id }
    case 'error':
      return { name: 'fault', fault: event.fault, id: running(state) ? state.id : null }
    case 'discard':
      return { name: 'idle' }
  }
}

/** Formats in the order the server transcodes them best; WebKit has only the last. */
export const RECORDER_TYPES = ['audio/webm;codecs=opus', 'audio/webm', 'audio/mp4'] as const

/** The first type this browser records, or null where it cannot record at all. */
export function recorderType(isSupported: ((type: string) => boolean) | undefined): string | null {
  if (!isSupported) return null
  return RECORDER_TYPES.find((type) => isSupported(type)) ?? null
}
