/** Uploads away from the screen's thread: reading and sending megabytes must not make a tap wait. */
import { uploadOne, type Job } from './tusUpload'

declare const self: DedicatedWorkerGlobalScope

self.onmessage = (event: MessageEvent<Job>) => {
  uploadOne(event.data, (report) => self.postMessage(report)).catch((error: unknown) => {
    self.postMessage({ kind: 'failed', status: 0, code: 'phone_fault', message: String(error), retryAfter: 0 })
  })
}
