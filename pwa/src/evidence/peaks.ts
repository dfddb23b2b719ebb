/** Loudness of a recording in `bars` steps from 0 to 1, for a waveform that shows where somebody speaks. */
export function peaksOf(samples: Float32Array, bars: number): number[] {
  if (samples.length === 0 || bars <= 0) return []
  const step = samples.length / bars
  const peaks: number[] = []
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.floor(bar * step)
    const to = Math.max(from + 1, Math.floor((bar + 1) * step))
    let top = 0
    for (let i = from; i < to && i < samples.length; i += 1) {
      const value = Math.abs(samples[i] as number)
      if (value > top) top = value
    }
    peaks.push(Math.min(1, top))
  }
  return peaks
}
