/** One original to the server by tus 1.0.0, from where it stopped last time. Runs in the worker. */
import { Upload, type DetailedError } from 'tus-js-client'
import { openFor } from '@/platform/db'

export interface Job { person: string; evidenceId: string; token: string; endpoint: string }
export type Report =
  | { kind: 'progress'; sent: number }
  | { kind: 'done' }
  | { kind: 'failed'; status: number; code: string; message: string | null; retryAfter: number }

/** The server keeps what arrived of a broken chunk; small chunks keep buffering proxies from losing more than this. */
const CHUNK = 1_000_000
const RETRIES = [500, 2_000]

function failure(error: Error | DetailedError): Report {
  const response = 'originalResponse' in error ? error.originalResponse : null
  if (!response) return { kind: 'failed', status: 0, code: 'offline', message: null, retryAfter: 0 }
  let body: { code?: string; detail?: string } = {}
  try { body = JSON.parse(response.getBody()) as typeof body } catch { /* a proxy's own page */ }
  const status = response.getStatus()
  const retryAfter = Number(response.getHeader('Retry-After') ?? 0) || 0
  return { kind: 'failed', status, code: body.code ?? `http_${status}`, message: body.detail ?? null, retryAfter }
}

/** Errors worth another try at once: the line broke, or the server lost count. A verdict is not. */
function transient(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0
  return status === 0 || (status === 409 && error.originalResponse!.getBody().includes('upload_offset_wrong'))
}

export async function uploadOne(job: Job, tell: (report: Report) => void): Promise<void> {
  const db = await openFor(job.person)
  const [row, blob] = await Promise.all([db.get('uploads', job.evidenceId), db.get('blobs', job.evidenceId)])
  if (!row || !blob?.bytes) return tell({ kind: 'failed', status: 410, code: 'bytes_missing', message: null, retryAfter: 0 })
  // The address is known before the server says it, and on disk before the first byte leaves: an attempt whose answer
  // was lost, or a killed browser, goes on where it stopped instead of creating, and sending, once more.
  const url = `${job.endpoint}/${job.evidenceId}`
  if (row.url === null) await db.put('uploads', { ...row, url })
  await new Promise<void>((resolve) => {
    const end = (report: Report) => { tell(report); resolve() }
    const upload: Upload = new Upload(new Blob([blob.bytes!]), {
      endpoint: job.endpoint,
      uploadUrl: row.url,
      chunkSize: CHUNK,
      retryDelays: RETRIES,
      metadata: { evidence_id: job.evidenceId },
      headers: { Authorization: `Bearer ${job.token}` },
      storeFingerprintForResuming: false,
      // One request for a photo instead of two.
      uploadDataDuringCreation: true,
      onShouldRetry: (error) => {
        upload.url ??= url
        return transient(error as DetailedError)
      },
      onProgress: (sent) => tell({ kind: 'progress', sent }),
      onSuccess: () => end({ kind: 'done' }),
      onError: (error) => end(failure(error)),
    })
    upload.start()
  })
}
