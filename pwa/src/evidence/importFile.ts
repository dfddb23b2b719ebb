/** A file the person picked, sealed as evidence: its bytes are hashed before anything looks at them. */
import type { EvidenceKind, EvidencePhase, EvidenceView, Position } from '@/core/types'
import { makeThumb } from '@/evidence/thumbs'
import { declareEvidence } from '@/sync/outbox'
import { serverNow } from '@/sync/store'

export interface ImportAs {
  kind: EvidenceKind
  phase: EvidencePhase
  position?: Position | null
  durationS?: number | null
  note?: string | null
}

/** Many Android builds give recordings and HEIC photos no type; the ending is what the person sees. */
const TYPES: Record<string, string> = {
  jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', heic: 'image/heic', heif: 'image/heif',
  m4a: 'audio/mp4', mp3: 'audio/mpeg', amr: 'audio/amr', wav: 'audio/wav', webm: 'audio/webm', aac: 'audio/aac', ogg: 'audio/ogg',
  pdf: 'application/pdf',
}

export function mediaTypeOf(file: Pick<File, 'name' | 'type'>): string {
  if (file.type) return file.type.split(';')[0] ?? file.type
  const ending = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
  return TYPES[ending] ?? 'application/octet-stream'
}

/** When the file says it was made, in server time; a phone clock that is off is corrected by what is known of it. */
export function madeAt(lastModified: number, wall: number, server: number): string {
  const age = wall - lastModified
  return new Date(age > 0 ? server - age : server).toISOString()
}

/** Raises what the storage raises (full), or RangeError for an empty file: zero bytes prove nothing. */
export async function importFile(ticketId: string, file: File, as: ImportAs): Promise<EvidenceView> {
  const bytes = await file.arrayBuffer()
  if (bytes.byteLength === 0) throw new RangeError('empty_file')
  const view = await declareEvidence(ticketId, bytes, {
    kind: as.kind, phase: as.phase, media_type: mediaTypeOf(file), source: as.kind === 'photo' ? 'gallery' : 'file',
    captured_at: madeAt(file.lastModified, Date.now(), serverNow()),
    position: as.position ?? null, duration_s: as.durationS ?? null, note: as.note ?? null,
  })
  if (as.kind === 'photo') void makeThumb(view.id, file)
  return view
}
