/** The reply being written: every change is on the phone before the next one, mirrored to the server when leaving. */
import { computed, onBeforeUnmount, onMounted, reactive, ref, watch } from 'vue'
import type { DraftContent, MoreSaid, Opinion, Policy, Reply } from '@/core/types'
import { holdOpen } from '@/platform/busy'
import { flushDraft, loadDraft, saveDraft } from '@/sync/drafts'
import { chosenEvidence, findingsOf, usable } from '@/tickets/detail/checklist'
import type { OpenTicket } from '@/tickets/open'
import { failureText } from '@/tickets/useAct'

/** Long enough not to write on every key of an input method, short enough that a kill loses a word at most. */
const PAUSE_MS = 250

export interface ReplyForm extends Required<MoreSaid> {
  parts: Record<string, string>
  opinion: Opinion | null
  excluded: string[]
}

/** What was said beyond the parts; nothing of it stands where nothing was written, so a plain reply stays as plain as before. */
function moreOf(form: ReplyForm, reasons: readonly string[]): MoreSaid {
  const fields = Object.entries(form.fields).filter(([, text]) => text.trim() !== '')
  const answers = form.answers.filter((item) => reasons.includes(item.reason) && item.text.trim() !== '')
  return {
    ...(fields.length ? { fields: Object.fromEntries(fields) } : {}), ...(form.finish ? { finish: form.finish } : {}),
    ...(form.commitment ? { commitment: form.commitment } : {}), ...(form.basis.trim() ? { basis: form.basis } : {}),
    ...(form.statement.trim() ? { statement: form.statement } : {}), ...(answers.length ? { answers } : {}),
  }
}

export function useReplyForm(view: () => OpenTicket, policy: () => Policy) {
  const id = view().id
  const form = reactive<ReplyForm>({
    parts: Object.fromEntries(policy().reply.parts.map((part) => [part.key, ''])), opinion: null, excluded: [],
    fields: {}, finish: null, commitment: null, basis: '', statement: '', answers: [],
  })
  const savedAt = ref<string | null>(null)
  const failure = ref<string | null>(null)
  const loaded = ref(false)
  const refilled = ref(false)
  let timer: ReturnType<typeof setTimeout> | null = null
  let dirty = false
  let closed = false
  /** A new version taking over between a key and its save would take the last words with it. */
  let release: (() => void) | null = null
  let running: Promise<unknown> = Promise.resolve()

  const evidenceIds = computed(() => view().detail.evidence
    .filter((item) => usable(item) && !form.excluded.includes(item.id)).map((item) => item.id))
  const content = computed((): DraftContent => ({ parts: { ...form.parts }, opinion: form.opinion, evidence_ids: evidenceIds.value, ...moreOf(form, reasons.value) }))
  /** Why the last version came back; every one is answered. */
  const reasons = computed(() => [...new Set(lastSentBack()?.sent_back?.reasons ?? [])])
  const findings = computed(() => findingsOf(view(), policy(), content.value))
  const blocks = computed(() => findings.value.filter((finding) => finding.severity === 'block'))
  /** Sent back and word for word the same again: it would only come back once more. */
  const unchanged = computed(() => {
    const last = lastSentBack()
    return last !== null && policy().reply.parts.every((part) => (last.parts[part.key] ?? '').trim() === (form.parts[part.key] ?? '').trim())
  })
  const warnings = computed(() => findings.value.filter((finding) => finding.severity === 'warn'))

  function lastSentBack(): Reply | null {
    const last = [...view().detail.replies].sort((a, b) => b.number - a.number)[0]
    return last?.sent_back ? last : null
  }

  async function save(): Promise<boolean> {
    if (timer) clearTimeout(timer)
    timer = null
    if (!dirty || closed) {
      // Leaving right after a field lost the focus: what follows must find that saving done.
      await running
      return true
    }
    dirty = false
    try {
      const saving = saveDraft(id, content.value)
      running = saving.catch(() => undefined)
      savedAt.value = (await saving).saved_at
      failure.value = null
      if (!dirty) letGo()
      return true
    } catch (error) {
      dirty = true
      failure.value = failureText(error)
      return false
    }
  }

  function letGo(): void {
    release?.()
    release = null
  }

  function touch(): void {
    dirty = true
    release ??= holdOpen()
    if (timer) clearTimeout(timer)
    timer = setTimeout(() => { void save() }, PAUSE_MS)
  }

  async function load(): Promise<void> {
    const draft = await loadDraft(id)
    if (draft) {
      for (const part of policy().reply.parts) form.parts[part.key] = draft.parts[part.key] ?? ''
      form.opinion = draft.opinion
      takeMore(draft)
      const chosen = chosenEvidence(view(), draft)
      // Only what the draft knew and left out stays out: a photo taken since is in.
      form.excluded = draft.evidence_ids.length === 0 ? [] : view().detail.evidence
        .filter((item) => !chosen.includes(item.id) && item.declared_at < draft.saved_at).map((item) => item.id)
      savedAt.value = draft.saved_at
    } else refill()
    loaded.value = true
  }

  function takeMore(said: MoreSaid): void {
    const { fields, finish, commitment, basis, statement, answers } = said
    Object.assign(form, { fields: { ...fields }, finish: finish ?? null, commitment: commitment ?? null, basis: basis ?? '', statement: statement ?? '', answers: [...answers ?? []] })
  }

  /** After a redo the person corrects what was sent back rather than typing it all again. */
  function refill(): void {
    const last = lastSentBack()
    if (!last) return
    refilled.value = true
    for (const part of policy().reply.parts) form.parts[part.key] = last.parts[part.key] ?? ''
    form.opinion = last.opinion
    // Its answers were to other reasons.
    takeMore({ ...last, answers: [] })
  }

  function onHide(): void {
    if (document.hidden) void leave()
  }
  async function leave(): Promise<void> {
    if (closed) return
    if (await save()) await flushDraft(id)
  }
  /** Submitted: nothing may write the draft again. */
  function close(): void {
    closed = true
    letGo()
    if (timer) clearTimeout(timer)
  }

  onMounted(async () => {
    await load()
    // The page may open before the phone has heard of the send-back (a reminder tapped): nothing typed yet, so nothing is lost.
    watch(() => lastSentBack()?.id, () => { if (savedAt.value === null && !dirty) refill() })
    watch(form, touch, { deep: true })
    document.addEventListener('visibilitychange', onHide)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', onHide)
    void leave().finally(letGo)
  })
  return { form, savedAt, failure, loaded, content, evidenceIds, findings, blocks, warnings, reasons, unchanged, refilled, save, touch, leave, close }
}
