/**
 * The viewfinder as a pure state machine, so that every way a camera can fail has a word and a way out,
 * and a burst of taps can neither lose a shot nor pile up more than the phone's memory bears.
 */
export type CameraFault = 'denied' | 'missing' | 'busy' | 'unsupported' | 'failed'

export type CaptureState =
  | { name: 'idle' }
  | { name: 'starting' }
  | { name: 'live'; shooting: number }
  | { name: 'resting'; shooting: number }
  | { name: 'fault'; fault: CameraFault; shooting: number }

export type CaptureEvent =
  | { type: 'start' }
  | { type: 'started' }
  | { type: 'error'; fault: CameraFault }
  | { type: 'hidden' }
  | { type: 'shutter' }
  | { type: 'kept' }

/** Two full-resolution stills in the making are what a 3 GB phone holds without the page being killed. */
export const MAX_SHOOTING = 2

export const idle: CaptureState = { name: 'idle' }

export function shootingOf(state: CaptureState): number {
  return 'shooting' in state ? state.shooting : 0
}

export function canShoot(state: CaptureState): boolean {
  return state.name === 'live' && state.shooting < MAX_SHOOTING
}

/** The next state; an event that means nothing in a state leaves it as it is. */
export function next(state: CaptureState, event: CaptureEvent): CaptureState {
  switch (event.type) {
    case 'start':
      return state.name === 'starting' || state.name === 'live' ? state : { name: 'starting' }
    case 'started':
      return state.name === 'starting' ? { name: 'live', shooting: 0 } : state
    case 'error':
      return { name: 'fault', fault: event.fault, shooting: shootingOf(state) }
    case 'hidden':
      // A hidden page loses the camera to the phone call or the gallery; a shot under way still ends.
      return state.name === 'live' || state.name === 'starting'
        ? { name: 'resting', shooting: shootingOf(state) }
        : state
    case 'shutter':
      return canShoot(state) ? { name: 'live', shooting: shootingOf(state) + 1 } : state
    case 'kept':
      return 'shooting' in state ? { ...state, shooting: Math.max(0, state.shooting - 1) } : state
  }
}

/** The DOMException name of getUserMedia, told apart by what the person can do about it. */
export function faultOf(error: unknown): CameraFault {
  const name = error instanceof Error || (typeof error === 'object' && error && 'name' in error)
    ? String((error as { name: unknown }).name)
    : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing'
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy'
  if (name === 'NotSupportedError' || name === 'TypeError') return 'unsupported'
  return 'failed'
}
