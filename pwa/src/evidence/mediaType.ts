/** What a picked file is, told from its bytes: the server refuses evidence that is not what the phone said it was. */

/** As the server's list of accepted types (app/evidence/media.py); the first name of each container is the usual one. */
const FAMILIES: Record<string, string[]> = {
  jpeg: ['image/jpeg'], png: ['image/png'], webp: ['image/webp'], heif: ['image/heic', 'image/heif'],
  mp4: ['audio/mp4', 'audio/x-m4a', 'audio/m4a', 'audio/3gpp'], mp3: ['audio/mpeg', 'audio/mp3'], amr: ['audio/amr', 'audio/amr-wb'],
  wav: ['audio/wav', 'audio/x-wav', 'audio/wave'], webm: ['audio/webm'], aac: ['audio/aac'], pdf: ['application/pdf'],
}
const MAGIC: [string, string][] = [
  ['\xff\xd8\xff', 'jpeg'], ['\x89PNG\r\n\x1a\n', 'png'], ['#!AMR', 'amr'], ['\x1a\x45\xdf\xa3', 'webm'], ['ID3', 'mp3'], ['%PDF-', 'pdf'],
]
const HEIF = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'])

/** Many Android builds give recordings and HEIC photos no type; the ending is what the person sees. */
const ENDINGS: Record<string, string> = {
  jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', heic: 'image/heic', heif: 'image/heif',
  m4a: 'audio/mp4', mp3: 'audio/mpeg', amr: 'audio/amr', wav: 'audio/wav', webm: 'audio/webm', aac: 'audio/aac', ogg: 'audio/ogg',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

function familyOf(bytes: ArrayBuffer): string | null {
  const head = new Uint8Array(bytes, 0, Math.min(16, bytes.byteLength))
  const text = String.fromCharCode(...head)
  const known = MAGIC.find(([magic]) => text.startsWith(magic))
  if (known) return known[1]
  if (text.startsWith('RIFF')) return { WEBP: 'webp', WAVE: 'wav' }[text.slice(8, 12)] ?? null
  if (text.slice(4, 8) === 'ftyp') return HEIF.has(text.slice(8, 12)) ? 'heif' : 'mp4'
  // An MPEG audio frame: layer bits 00 are AAC in ADTS, anything else is one of the MPEG layers.
  if (head.length > 2 && head[0] === 0xff && (head[1]! & 0xe0) === 0xe0) return (head[1]! & 0x06) === 0 ? 'aac' : 'mp3'
  return null
}

function told(file: Pick<File, 'name' | 'type'>): string {
  if (file.type) return file.type.split(';')[0] ?? file.type
  const ending = file.name.slice(file.name.lastIndexOf('.') + 1).toLowerCase()
  return ENDINGS[ending] ?? 'application/octet-stream'
}

/** The type by the bytes where they are known, in the phone's own word for it if that fits; else what the phone or the ending says. */
export function mediaTypeOf(file: Pick<File, 'name' | 'type'>, bytes: ArrayBuffer): string {
  const said = told(file)
  const names = FAMILIES[familyOf(bytes) ?? '']
  return names === undefined || names.includes(said) ? said : names[0]!
}
