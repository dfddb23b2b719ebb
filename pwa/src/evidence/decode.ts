/** Length and loudness of a recording on this phone, without waiting for the server. */
import { peaksOf } from '@/evidence/peaks'

export const BARS = 72

export interface Sound { peaks: number[]; seconds: number }

/** Null when this browser cannot decode the format (AMR of an old dialler): the server will, later. */
export async function decodeSound(bytes: ArrayBuffer): Promise<Sound | null> {
  if (typeof AudioContext === 'undefined' || bytes.byteLength === 0) return null
  const context = new AudioContext()
  try {
    // decodeAudioData detaches what it is given; the original bytes are still to be hashed and sent.
    const buffer = await context.decodeAudioData(bytes.slice(0))
    return { peaks: peaksOf(buffer.getChannelData(0), BARS), seconds: buffer.duration }
  } catch {
    return null
  } finally {
    void context.close()
  }
}
