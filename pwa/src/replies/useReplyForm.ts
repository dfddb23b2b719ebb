/** The reply being written: every change is on the phone before the next one, mirrored to the server when leaving. */
import { computed, onBeforeUnmount, onMounted, reactive, ref, watch } from 'vue'
import type { DraftContent, Opinion, Policy, Reply } from '@/core/types'
import { holdOpen } from '@/platform/busy'
import { flushDraft, loadDraft, saveDraft } from '@/sync/drafts'
import { chosenEvidence, findingsOf, usable } from '@/tickets/detail/checklist'
import type { OpenTicket } from '@/tickets/open'
import { failureText } from '@/tickets/useAct'

/** Long enough not to write on every key of an input method, short enough that a kill loses a word at most. */
const PAUSE_MS = 250

export function useReplyForm(view: () => OpenTicket, policy: () => Policy) {
  const id = view().id
  const form = reactive<{ parts: Record<string, string>; opinion: Opinion | null; excluded: string[] }>({
    parts: Object.fromEntries(policy().reply.parts.map((part) => [part.key, ''])), opinion: null, excluded: [],
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
  const content = computed((): DraftContent => ({ parts: { ...form.parts }, opinion: form.opinion, evidence_ids: evidenceIds.value }))
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
      const chosen = chosenEvidence(view(), draft)
      // Only what the draft knew and left out stays out: a photo taken since is in.
      form.excluded = draft.evidence_ids.length === 0 ? [] : view().detail.evidence
        .filter((item) => !chosen.includes(item.id) && item.declared_at < draft.saved_at).map((item) => item.id)
      savedAt.value = draft.saved_at
    } else refill()
    loaded.value = true
  }

  /** After a redo the person corrects what was sent back rather than typing it all again. */
  function refill(): void {
    const last = lastSentBack()
    if (!last) return
    refilled.value = true
    for (const part of policy().reply.parts) form.parts[part.key] = last.parts[part.key] ?? ''
    form.opinion = last.opinion
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
    watch(() => [form.parts, form.opinion, form.excluded], touch, { deep: true })
    document.addEventListener('visibilitychange', onHide)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', onHide)
    void leave().finally(letGo)
  })
  return { form, savedAt, failure, loaded, content, evidenceIds, findings, blocks, warnings, unchanged, refilled, save, touch, leave, close }
}
