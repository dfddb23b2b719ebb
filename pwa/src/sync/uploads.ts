/** Originals travel one after the other, each after its declaration was accepted; any break resumes where it was. */
import { holdOpen } from '@/platform/busy'
import { accessToken, forgetToken } from '@/platform/session'
import { noteAnswer, noteSilence } from '@/platform/network'
import { sha256 } from '@/platform/crypto'
import { currentPerson, db, write, type StoredUpload } from '@/platform/db'
import { Problem } from '@/platform/problem'
import { changed, setTravelled } from './board'
import { alone } from './lease'
import { backoff } from './send'
import type { Job, Report } from './tusUpload'

type Failed = Extract<Report, { kind: 'failed' }>
type Runner = (job: Job, progress: (sent: number) => void) => Promise<Exclude<Report, { kind: 'progress' }>>

/** Attempts at sending intact bytes that arrive otherwise, before a person has to look. */
const MISMATCHES = 3
const SHOW_EVERY = 400

let running: Promise<void> | null = null
let again = false
let notBefore = 0
let failures = 0
let worker: Worker | null = null

function startWorker(): Worker | null {
  try {
    return new Worker(new URL('./upload.worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return null
  }
}

const inThisThread = (job: Job, hear: (report: Report) => void): void => {
  void import('./tusUpload').then(({ uploadOne }) => uploadOne(job, hear))
    .catch(() => hear({ kind: 'failed', status: 0, code: 'phone_fault', message: null, retryAfter: 0 }))
}

/** In the worker; where a browser knows no module workers, here: slower for the screen, the same for the bytes. */
const runJob: Runner = (job, progress) => new Promise((resolve) => {
  const hear = (report: Report) => (report.kind === 'progress' ? progress(report.sent) : resolve(report))
  worker ??= typeof Worker === 'undefined' ? null : startWorker()
  if (!worker) return inThisThread(job, hear)
  worker.onmessage = (event: MessageEvent<Report>) => hear(event.data)
  worker.onerror = (event) => {
    event.preventDefault()
    worker = null
    inThisThread(job, hear)
  }
  worker.postMessage(job)
})

async function update(id: string, change: Partial<StoredUpload>): Promise<void> {
  await write(['uploads'], async (tx) => {
    const row = await tx.objectStore('uploads').get(id)
    if (row) await tx.objectStore('uploads').put({ ...row, ...change })
  })
  await changed({ uploads: true })
}

async function nextUpload(): Promise<StoredUpload | null> {
  const store = await db()
  const rows = (await store.getAll('uploads')).filter((row) => row.state === 'waiting' && row.held && row.not_before <= Date.now())
  rows.sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  for (const row of rows) {
    const declare = await store.getFromIndex('commands', 'id', row.declare_id)
    if (declare?.state === 'refused') await update(row.evidence_id, { state: 'refused', cause: 'declare_refused', message: null })
    // A declaration that is no longer kept was delivered more than thirty days ago.
    else if (declare === undefined || declare.state === 'delivered') return row
  }
  return null
}

function pause(cause: Failed): 'stop' {
  failures += 1
  notBefore = Date.now() + Math.max(backoff(failures), cause.retryAfter * 1000)
  return 'stop'
}

async function mismatch(row: StoredUpload, failed: Failed): Promise<void> {
  const bytes = (await (await db()).get('blobs', row.evidence_id))?.bytes
  const intact = bytes && (await sha256(bytes)) === row.sha256
  const attempts = row.attempts + 1
  if (!intact) return update(row.evidence_id, { state: 'refused', cause: 'bytes_damaged', message: null })
  if (attempts >= MISMATCHES) return update(row.evidence_id, { state: 'refused', cause: failed.code, message: failed.message, attempts })
  return update(row.evidence_id, { attempts, url: null, sent: 0, not_before: Date.now() + backoff(attempts) })
}

/** A verdict about this file sets it aside with the reason; everything else waits and goes on. */
async function afterFailure(row: StoredUpload, failed: Failed): Promise<'go on' | 'stop'> {
  const id = row.evidence_id
  if (failed.status === 0) {
    noteSilence()
    return pause(failed)
  }
  noteAnswer()
  if (failed.status === 401) {
    forgetToken()
    return failures++ === 0 ? 'go on' : pause(failed)
  }
  if (failed.status === 460) await mismatch(row, failed)
  else if (failed.code === 'evidence_not_declared') await update(id, { not_before: Date.now() + 30_000, cause: failed.code })
  else if (failed.code === 'upload_not_found' || failed.code === 'upload_offset_wrong') await update(id, { url: null, not_before: Date.now() + 2_000 })
  else if (failed.status === 507) await update(id, { not_before: Date.now() + 60_000, cause: 'storage_full', message: failed.message })
  else if (failed.status >= 500 || failed.status === 429 || failed.status === 423) {
    await update(id, { cause: 'server_busy' })
    return pause(failed)
  } else await update(id, { state: 'refused', cause: failed.code, message: failed.message })
  return 'go on'
}

async function one(run: Runner, person: string, onSent: () => void): Promise<'go on' | 'stop'> {
  const row = await nextUpload()
  if (!row) return 'stop'
  const token = await accessToken()
  let shown = 0
  setTravelled(row.evidence_id, row.sent)
  try {
    const job = { person, evidenceId: row.evidence_id, token, endpoint: new URL('/files', location.origin).href }
    const report = await run(job, (sent) => {
      if (performance.now() - shown < SHOW_EVERY) return
      shown = performance.now()
      setTravelled(row.evidence_id, sent)
    })
    if (report.kind === 'failed') return await afterFailure(row, report)
    noteAnswer()
    failures = 0
    await update(row.evidence_id, { state: 'sent', sent: row.size, cause: null, message: null })
    onSent()
    return 'go on'
  } finally {
    setTravelled(row.evidence_id, null)
  }
}

async function loop(run: Runner, onSent: () => void): Promise<void> {
  const person = currentPerson()
  if (person === null) return
  do {
    again = false
    if ((await nextUpload()) === null) return
    await alone('upload', person, async (renew) => {
      const release = holdOpen()
      try {
        while ((await one(run, person, onSent)) === 'go on') await renew()
      } finally {
        release()
      }
    })
  } while (again && Date.now() >= notBefore)
}

/** Sends what is declared and not yet sent. `eager` cuts a wait for the network short. `run` is where the bytes are sent from. */
export function pumpUploads(onSent: () => void, eager = false, run: Runner = runJob): Promise<void> {
  if (running) {
    again = true
    return running
  }
  if (!eager && Date.now() < notBefore) return Promise.resolve()
  running = loop(run, onSent)
    .catch((error: unknown) => { if (!(error instanceof Problem)) throw error })
    .finally(() => { running = null })
  return running
}

export function resetUploads(): void {
  failures = 0
  notBefore = 0
}
