import { Problem } from './problem'

/** SHA-256 as lower-case hex. Raises Problem `insecure_context` where the browser offers no hashing (plain HTTP). */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  if (!globalThis.crypto?.subtle) throw new Problem('insecure_context', '')
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (b) => b.toString(16).padStart(2, '0')).join('')
}
