/** Two fingers zoom, one finger moves, two taps toggle: for one picture or several that move together. */
import { computed, ref } from 'vue'

const MOST = 6
interface Point { x: number; y: number }

export function useZoom() {
  const scale = ref(1)
  const x = ref(0)
  const y = ref(0)
  const points = new Map<number, Point>()
  let lastTap = 0

  const spread = () => {
    const [a, b] = [...points.values()]
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0
  }

  function reset(): void {
    scale.value = 1
    x.value = 0
    y.value = 0
  }

  function zoomTo(value: number): void {
    scale.value = Math.min(MOST, Math.max(1, value))
    if (scale.value === 1) reset()
  }

  function down(event: PointerEvent): void {
    const host = event.currentTarget as HTMLElement
    host.setPointerCapture?.(event.pointerId)
    points.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (points.size !== 1) return
    if (event.timeStamp - lastTap < 300) zoomTo(scale.value > 1 ? 1 : 2.5)
    lastTap = event.timeStamp
  }

  function move(event: PointerEvent): void {
    const from = points.get(event.pointerId)
    if (!from) return
    const before = spread()
    points.set(event.pointerId, { x: event.clientX, y: event.clientY })
    if (points.size === 2 && before > 0) zoomTo(scale.value * (spread() / before))
    else if (scale.value > 1) {
      x.value += event.clientX - from.x
      y.value += event.clientY - from.y
    }
  }

  function up(event: PointerEvent): void {
    points.delete(event.pointerId)
  }

  const style = computed(() => ({ transform: `translate(${x.value}px, ${y.value}px) scale(${scale.value})` }))
  const on = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up }
  return { scale, style, on, reset, zoomTo }
}
