/** A phone for one test: empty database, one person signed in, pointed at a running backend. */
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { closeDb, openFor } from '@/platform/db'
import { auth, rememberPerson } from '@/platform/person'
import { forgetToken } from '@/platform/session'
import { clearBoard, loadBoard } from '@/sync/board'
import { resetSending } from '@/sync/send'
import { resetUploads } from '@/sync/uploads'
import type { Backend } from './server'

interface HappyWindow { happyDOM: { setURL: (url: string) => void } }

/** A new device. */
export function newPhone(backend: Backend): Promise<void> {
  globalThis.indexedDB = new IDBFactory()
  localStorage.clear()
  return restart(backend)
}

/** The browser was killed and opens again: memory is gone, disk is as it was. */
export async function restart(backend: Backend): Promise<void> {
  ;(window as unknown as HappyWindow).happyDOM.setURL(`${backend.base}/`)
  closeDb()
  clearBoard()
  forgetToken()
  resetSending()
  resetUploads()
  auth.value = 'unknown'
  rememberPerson(backend.person.id)
  await openFor(backend.person.id)
  await loadBoard(() => undefined)
}
