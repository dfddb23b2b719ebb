/** A real HTTP server that keeps the sync contract as far as the phone can see it: receipts, replays, refusals, epochs, tus. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Command, Receipt, Ticket } from '@/core/types'

export interface Fault { status: number; code: string; facts?: Record<string, unknown>; times: number; headers?: Record<string, string> }
type Answer = [status: number, body?: unknown, headers?: Record<string, string>]

export const ME = {
  id: 'person-a', name: '甲', phone_masked: '138****0001', device_id: null,
  jurisdiction: { id: 'dalad', name: '达拉特旗', zone: 'Asia/Shanghai', station_phone: '1' },
  roles: [{ role: 'liaison', unit_id: 'u1', unit_name: '清河', rank: 'A' }],
}

export function ticket(id: string, over: Partial<Ticket> = {}): Ticket {
  return {
    id, version: 1, number: `N-${id}`, policy_id: 'dalad@1', title: `题 ${id}`, state: 'dispatched', state_since: '2026-11-20T00:00:00.000Z',
    priority: 'normal', kind: 'help', source: '12345', area: '', unit: { id: 'u1', name: '清河' }, handler: null, received_at: '2026-11-20T00:00:00.000Z',
    dispatched_at: '2026-11-20T00:00:00.000Z', signed_at: null, redo_count: 0, confidential: false, position: null, holder: null, clocks: [],
    open_requests: [], detail: null, ...over,
  }
}

export class Backend {
  epoch = 'e1'
  person = ME
  /** Server time runs from here; may be far from the machine's. */
  skew = 0
  loggedIn = true
  tickets = new Map<string, Ticket>()
  receipts = new Map<string, { body: string; receipt: Receipt }>()
  refusals = new Map<string, { code: string; message: string }>()
  /** Each batch as it arrived, also those that were answered with a fault. */
  batches: Command[][] = []
  applied: string[] = []
  pulls: (string | null)[] = []
  faults: Fault[] = []
  /** Drop the connection after the work was done: the phone never sees the answer. */
  swallow = 0
  files = new Map<string, { size: number; bytes: Buffer }>()
  declared = new Map<string, { sha256: string; size: number }>()
  cutAfter: number | null = null
  /** The bytes of the next creation arrive, its answer does not. */
  loseCreation = false
  patches = 0
  creations = 0
  base = ''
  private server: Server

  constructor() {
    this.server = createServer((request, response) => void this.handle(request, response))
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.base = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  beacon = () => `${Date.now() + this.skew}.mac`

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer)
    } catch { /* the phone went away */ }
    const url = new URL(request.url!, this.base)
    if (url.pathname.startsWith('/files')) return this.tus(request, response, url, Buffer.concat(chunks))
    const [status, body, headers] = this.route(request, url, Buffer.concat(chunks).toString())
    if (status === 0) return void request.socket.destroy()
    response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', ...headers })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }

  private problem = (status: number, code: string, facts = {}, headers = {}): Answer => [status, { code, detail: `说明 ${code}`, facts, status }, headers]

  private route(request: IncomingMessage, url: URL, text: string): Answer {
    if (url.pathname === '/api/v1/auth/refresh') {
      return this.loggedIn ? [200, { access_token: 'token', expires_in: 900, me: this.person }] : this.problem(401, 'session_expired')
    }
    if (request.headers.authorization !== 'Bearer token' || !this.loggedIn) return this.problem(401, 'token_expired')
    if (url.pathname === '/api/v1/sync/pull') return this.pull(url.searchParams.get('cookie'))
    if (url.pathname === '/api/v1/sync/commands') return this.commands(JSON.parse(text) as { commands: Command[] })
    return this.problem(404, 'not_found')
  }

  private pull(cookie: string | null): Answer {
    this.pulls.push(cookie)
    const now = `${this.epoch}:${[...this.tickets.values()].map((t) => `${t.id}=${t.version}`).join()}`
    if (cookie === now) return [200, { unchanged: true, beacon: this.beacon() }]
    const fresh = cookie === null || !cookie.startsWith(`${this.epoch}:`)
    const held = new Set((fresh ? '' : cookie.slice(cookie.indexOf(':') + 1)).split(',').filter(Boolean).map((x) => x.split('=')[0]!))
    return [200, {
      unchanged: false, beacon: this.beacon(), epoch: this.epoch, cookie: now, reset: fresh, more: false, tickets: [...this.tickets.values()], inbox: [],
      policies: [], units: [], me: this.person, gone: [...held].filter((id) => !this.tickets.has(id)).map((id) => `t:${id}`),
    }]
  }

  private commands(batch: { commands: Command[] }): Answer {
    this.batches.push(batch.commands)
    const fault = this.faults.find((f) => f.times > 0)
    if (fault) {
      fault.times -= 1
      return this.problem(fault.status, fault.code, fault.facts, fault.headers)
    }
    const reused = batch.commands.filter((c) => this.receipts.has(c.id) && this.receipts.get(c.id)!.body !== JSON.stringify(c)).map((c) => c.id)
    if (reused.length > 0) return this.problem(422, 'command_id_reused', { ids: reused })
    if (batch.commands.some((c) => c.name === 'poison')) return this.problem(422, 'batch_invalid')
    if (batch.commands.some((c) => c.name === 'bomb')) return this.problem(503, 'database_busy')
    const receipts = batch.commands.map((c) => this.apply(c))
    if (this.swallow > 0) {
      this.swallow -= 1
      return [0]
    }
    const touched = [...new Set(batch.commands.map((c) => c.ticket_id))].map((id) => this.tickets.get(id ?? '')).filter((t) => t !== undefined)
    return [200, { beacon: this.beacon(), epoch: this.epoch, receipts, tickets: touched }]
  }

  private apply(command: Command): Receipt {
    const known = this.receipts.get(command.id)
    if (known) return { ...known.receipt, replayed: true }
    const refusal = this.refusals.get(command.ticket_id ?? '')
    const at = new Date(Date.now() + this.skew).toISOString()
    const held = this.tickets.get(command.ticket_id ?? '')
    if (!refusal) {
      this.applied.push(command.id)
      if (held) this.tickets.set(held.id, { ...held, version: held.version + 1, state: command.name === 'ticket.sign' ? 'handling' : held.state })
      if (command.name === 'evidence.declare') {
        this.declared.set(command.args.evidence_id as string, { sha256: command.args.sha256 as string, size: command.args.size as number })
      }
    }
    const receipt: Receipt = {
      id: command.id, status: refusal ? 'refused' : 'applied', code: refusal?.code ?? null, message: refusal?.message ?? null, facts: {}, received_at: at,
      claimed_at: at, counted_at: at, ticket_id: command.ticket_id, ticket_version: held ? held.version + 1 : null, replayed: false,
    }
    this.receipts.set(command.id, { body: JSON.stringify(command), receipt })
    return receipt
  }

  private tus(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const end = (status: number, headers: Record<string, string> = {}, problem?: string) => {
      response.writeHead(status, { 'Tus-Resumable': '1.0.0', ...headers })
      response.end(problem ? JSON.stringify({ code: problem, detail: `说明 ${problem}` }) : '')
    }
    const id = request.method === 'POST' ? Buffer.from(String(request.headers['upload-metadata']).split(' ')[1]!, 'base64').toString() : url.pathname.slice('/files/'.length)
    if (request.headers.authorization !== 'Bearer token') return end(401, {}, 'token_expired')
    const said = this.declared.get(id)
    if (!said) return end(409, {}, 'evidence_not_declared')
    if (request.method === 'POST') {
      this.creations += 1
      const known = this.files.get(id)
      if (known) return end(200, { Location: `/files/${id}`, 'Upload-Offset': String(known.bytes.length) })
      this.files.set(id, { size: Number(request.headers['upload-length']), bytes: Buffer.alloc(0) })
    }
    const file = this.files.get(id)
    if (!file) return end(404, {}, 'upload_not_found')
    const created = request.method === 'POST' ? { Location: `/files/${id}` } : undefined
    if (request.method === 'HEAD') return end(200, { 'Upload-Offset': String(file.bytes.length), 'Upload-Length': String(file.size), 'Cache-Control': 'no-store' })
    if (!created) this.patches += 1
    if (!created && Number(request.headers['upload-offset']) !== file.bytes.length) return end(409, {}, 'upload_offset_wrong')
    if (this.cutAfter !== null && file.bytes.length >= this.cutAfter) return void request.socket.destroy()
    file.bytes = Buffer.concat([file.bytes, body])
    if (file.bytes.length === file.size && createHash('sha256').update(file.bytes).digest('hex') !== said.sha256) {
      this.files.delete(id)
      return end(460, {}, 'evidence_hash_mismatch')
    }
    if (created && this.loseCreation) {
      this.loseCreation = false
      return void request.socket.destroy()
    }
    end(created ? 201 : 204, { 'Upload-Offset': String(file.bytes.length), ...created })
  }
}
