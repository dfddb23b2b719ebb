/** A file the person picked, sealed as evidence: its bytes are hashed before anything looks at them. */
import type { EvidenceKind, EvidencePhase, EvidenceView, Position } from '@/core/types'
import { mediaTypeOf } from '@/evidence/mediaType'
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
    kind: as.kind, phase: as.phase, media_type: mediaTypeOf(file, bytes), source: as.kind === 'photo' ? 'gallery' : 'file',
    captured_at: madeAt(file.lastModified, Date.now(), serverNow()),
    position: as.position ?? null, duration_s: as.durationS ?? null, note: as.note ?? null,
  })
  if (as.kind === 'photo') void makeThumb(view.id, file)
  return view
}
