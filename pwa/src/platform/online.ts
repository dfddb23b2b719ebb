/** The generated client, fetched when it is first needed: what it is for needs the network anyway, so it is not kept for offline. */
import { Problem } from './problem'

/** Raises Problem `offline` when the client itself cannot be had. */
export async function online(): Promise<(typeof import('./client'))['api']> {
  const { api } = await import('./client').catch(() => { throw new Problem('offline', '') })
  return api
}
