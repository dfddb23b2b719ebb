/** Screens with something unsaved hold the app open: it does not renew itself under a person's fingers. */
const holders = new Set<symbol>()

/** Until the returned function is called, no update replaces the page. */
export function holdOpen(): () => void {
  const mine = Symbol('busy')
  holders.add(mine)
  return () => void holders.delete(mine)
}

export const heldOpen = (): boolean => holders.size > 0
