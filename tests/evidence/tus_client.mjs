// Uploads one file with the client the phone uses: node tus_client.mjs <tus module> <endpoint> <token> <id> <file> <mode>
// mode "whole" uploads; "abort" stops after the first chunk and prints the URL; a URL resumes there.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [module, endpoint, token, id, file, mode] = process.argv.slice(2)
const tus = createRequire(import.meta.url)(module)
const content = readFileSync(file)
const requests = []

const upload = new tus.Upload(content, {
  endpoint,
  uploadUrl: mode.startsWith('http') ? mode : null,
  metadata: { evidence_id: id },
  headers: { Authorization: `Bearer ${token}` },
  chunkSize: 64 * 1024,
  retryDelays: [0, 100, 200],
  uploadDataDuringCreation: mode === 'at-creation',
  onAfterResponse(request, response) { requests.push(`${request.getMethod()} ${response.getStatus()}`) },
  onChunkComplete() {
    if (mode !== 'abort') return
    upload.abort().then(() => finish({ aborted: true }))
  },
  onError(error) {
    const response = error.originalResponse
    finish({ status: response ? response.getStatus() : 0, body: response ? response.getBody() : String(error) })
  },
  onSuccess() { finish({ done: true }) },
})

function finish(outcome) {
  process.stdout.write(JSON.stringify({ ...outcome, url: upload.url, requests }))
  process.exit(0)
}

upload.start()
