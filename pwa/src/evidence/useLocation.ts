/** Position samples while a screen is open; asking never delays anything, and a refusal is only said. */
import { computed, onBeforeUnmount, onMounted, shallowRef } from 'vue'
import { bestFix, qualityOf, sampledOf, type Fix } from '@/evidence/position'
import type { Position, SampledPosition } from '@/core/types'
import { serverNow } from '@/sync/store'

export type LocationState = 'asking' | 'on' | 'denied' | 'unavailable'

const KEEP = 30

export function useLocation() {
  const samples = shallowRef<Fix[]>([])
  const state = shallowRef<LocationState>('asking')
  let watch: number | null = null

  function take(position: GeolocationPosition): void {
    const { latitude, longitude, accuracy } = position.coords
    const fix: Fix = { lat: latitude, lon: longitude, accuracy_m: Math.round(accuracy), at: position.timestamp }
    samples.value = [...samples.value, fix].slice(-KEEP)
    state.value = 'on'
  }

  function fail(error: GeolocationPositionError): void {
    // A time-out after a good fix is a wall in the way, not the end of positioning.
    if (error.code === error.PERMISSION_DENIED) state.value = 'denied'
    else if (samples.value.length === 0) state.value = 'unavailable'
  }

  /** The best fix for this instant in wire form, or null; the phone's clock is turned into server time. */
  function here(): Position | null {
    const fix = bestFix(samples.value, Date.now())
    if (!fix) return null
    const at = serverNow() - (Date.now() - fix.at)
    return { lat: fix.lat, lon: fix.lon, accuracy_m: fix.accuracy_m, datum: 'wgs84', at: new Date(at).toISOString() }
  }

  /** The same with what the other samples say of it; for evidence, which is held against it. */
  function sampled(): SampledPosition | null {
    const best = here()
    return best && { ...best, ...sampledOf(samples.value, Date.now()) }
  }

  onMounted(() => {
    if (!('geolocation' in navigator)) {
      state.value = 'unavailable'
      return
    }
    watch = navigator.geolocation.watchPosition(take, fail, {
      enableHighAccuracy: true, maximumAge: 10_000, timeout: 20_000,
    })
  })
  onBeforeUnmount(() => { if (watch !== null) navigator.geolocation.clearWatch(watch) })

  const last = computed(() => samples.value[samples.value.length - 1] ?? null)
  const quality = computed(() => qualityOf(last.value))
  const count = computed(() => samples.value.length)
  return { state, last, quality, count, here, sampled }
}
