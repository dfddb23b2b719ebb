import { t } from '@/locales/own'
import { serverNow } from '@/platform/clock'
import { exportBackup } from '@/sync/backup'

/** Hands the backup to the person: the share sheet where files can be shared (iOS has no downloads in some views), else a download. */
export async function saveBackup(): Promise<void> {
  const stamp = new Date(serverNow()).toISOString().slice(0, 16).replace(/\D/g, '')
  const file = new File([await exportBackup()], t('backup.name', { stamp }), { type: 'application/json' })
  const shared = navigator.canShare?.({ files: [file] })
    ? await navigator.share({ files: [file] }).then(() => true, (error: Error) => error.name === 'AbortError')
    : false
  if (shared) return
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
