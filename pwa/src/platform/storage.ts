/** Room on the phone, and the browser's promise not to clear it. */
export interface Room { used: number; quota: number | null; persisted: boolean | null }

export async function room(): Promise<Room> {
  const store = navigator.storage
  const estimate = await store?.estimate?.().catch(() => undefined)
  const persisted = await store?.persisted?.().catch(() => null)
  return { used: estimate?.usage ?? 0, quota: estimate?.quota ?? null, persisted: persisted ?? null }
}

/** Asked once there is something to lose; browsers decide silently or ask the person. */
export function askPersistence(): void {
  void navigator.storage?.persist?.().catch(() => false)
}
