/** What a dispatch says: the unit, on what ground, who helps, until when. What is still missing is said in words. */
import { computed, reactive, watch } from 'vue'
import { allowed } from '@/core/allowed'
import { t } from '@/locales/desk'
import { centreContact, centreSign, consulted } from '@/oversight/centre'
import { useUnits } from '@/sync/store'
import type { ScreenProps } from '@/tickets/open'
import { fromField } from '@/tickets/when'

const SHORTEST = 2
const LETTER = 4

export function useDispatch(props: ScreenProps) {
  const units = useUnits()
  const form = reactive({
    unitId: null as string | null, ground: null as string | null, text: '', instructedBy: '', feedbackBy: '', accepted: false,
    coUnits: [] as string[], letter: '', letterDue: '', consultation: '',
  })
  const again = computed(() => allowed('ticket.reassign', props.view, props.policy, props.me))
  const can = computed(() => again.value || allowed('ticket.dispatch', props.view, props.policy, props.me))
  const consultations = computed(() => consulted(props.view))
  const chosen = computed(() => consultations.value.find((row) => row.id === form.consultation) ?? null)
  const unit = computed(() => units.value.find((item) => item.id === form.unitId) ?? null)
  const bare = (id: string) => units.value.find((item) => item.id === id)?.has_liaison === false
  const unmanned = computed(() => [form.unitId ?? '', ...form.coUnits].filter(bare).map((id) => units.value.find((item) => item.id === id)!.name))
  const grounds = computed(() => props.policy.dispatch?.grounds ?? [])
  const ground = computed(() => grounds.value.find((item) => item.key === form.ground) ?? null)

  watch(unmanned, () => { form.accepted = false })
  // What was agreed on is what is dispatched: another unit would be refused.
  watch(chosen, (row) => {
    if (!row) return
    form.unitId = row.lead
    form.coUnits = row.coUnits
    if (row.namedBy) form.instructedBy = row.namedBy
  })
  watch(() => form.unitId, (id) => { form.coUnits = form.coUnits.filter((item) => item !== id) })

  const iso = (value: string): string | null => {
    const at = fromField(value, props.policy.zone)
    return at === null ? null : new Date(at).toISOString()
  }
  const blocked = computed((): string | null => {
    if (!again.value && centreSign(props.view, props.policy).asked && !centreSign(props.view, props.policy).done) return t('dispatch.sign_first')
    if (!again.value && centreContact(props.view, props.policy).asked && !centreContact(props.view, props.policy).done) return t('dispatch.contact_first')
    if (!unit.value) return t('desk.choose_unit')
    if (grounds.value.length > 0 && !ground.value) return t('dispatch.choose_ground')
    if (ground.value?.needs_leader && form.instructedBy.trim().length < SHORTEST && !chosen.value?.namedBy) return t('dispatch.give_leader')
    if (ground.value?.joint && form.coUnits.length === 0) return t('dispatch.give_co_units')
    if ((grounds.value.length === 0 || again.value) && form.text.trim().length < SHORTEST) return t('desk.give_grounds')
    if (form.letter.trim() !== '' && form.letter.trim().length < LETTER) return t('dispatch.letter_short')
    return unmanned.value.length > 0 && !form.accepted ? t('desk.accept_first') : null
  })
  const args = computed(() => ({
    unit_id: form.unitId, acknowledge: unmanned.value.length > 0 ? ['unit_without_liaison'] : null, ground: form.ground,
    instructed_by: form.instructedBy.trim() || null, consultation_id: form.consultation || null,
    ...(form.coUnits.length > 0 ? { co_units: form.coUnits, ...(form.letter.trim() || form.letterDue ? { letter: { ...(form.letter.trim() ? { what: form.letter.trim() } : {}), ...(iso(form.letterDue) ? { due_at: iso(form.letterDue) } : {}) } } : {}) } : {}),
    ...(again.value ? { reason: form.text.trim() } : { grounds: form.text.trim(), feedback_by: iso(form.feedbackBy) }),
  }))
  return { form, again, can, consultations, chosen, unit, unmanned, grounds, ground, blocked, args }
}
