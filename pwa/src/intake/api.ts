/** Imports of requests: what the server says of them. All of it is online: a file is read there. */
import type { components } from '@/api/schema'
import { demand } from '@/platform/api'
import { online } from '@/platform/online'

export type ImportFile = components['schemas']['FileOut']
export type ImportRow = components['schemas']['RowOut']
export type RowState = 'ready' | 'refused' | 'known' | 'taken'

export async function files(): Promise<ImportFile[]> {
  return (await (await online()).GET('/api/v1/intake/files')).data!.files
}
export async function file(id: string): Promise<ImportFile> {
  return (await (await online()).GET('/api/v1/intake/files/{file_id}', { params: { path: { file_id: id } } })).data!
}
export async function rows(id: string, state: RowState | null, after = 0): Promise<{ rows: ImportRow[]; next_after: number | null }> {
  return (await (await online()).GET('/api/v1/intake/files/{file_id}/rows', { params: { path: { file_id: id }, query: { ...(state ? { state } : {}), after } } })).data!
}
/** Raises Problem, among them for a file that is none of ours. */
export async function upload(chosen: File): Promise<ImportFile> {
  const body = new FormData()
  body.append('file', chosen)
  return await (await demand('/api/v1/intake/files', { method: 'POST', body })).json() as ImportFile
}
/** The rows that were not taken, as a workbook; who fetched it is journalled. */
export async function result(id: string): Promise<Blob> {
  return (await demand(`/api/v1/intake/files/${id}/result`)).blob()
}
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  // Some browsers read it only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
