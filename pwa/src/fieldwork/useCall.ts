/**
 * Calling the citizen: the number comes from the server at the tap (its reason is journalled), the dialler takes over,
 * and whoever comes back is asked how it went. The outcome is one contact.record command.
 */
import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { t } from '@/locales/screens'
import { Problem } from '@/platform/problem'
import type { Contact, Me } from '@/core/types'
import { closeCall, leaveForCall, openCall, secondsSince, type OpenCall } from '@/fieldwork/callLog'
import { reveal, type RealCaller } from '@/fieldwork/reveal'
import { serverNow } from '@/sync/store'
import type { OpenTicket } from '@/tickets/open'
import { freshId, useAct } from '@/tickets/useAct'

export interface Outcome {
  outcome: Contact['outcome']
  purpose: Contact['purpose']
  note: string
  evidenceIds: string[]
}

function reasonOf(problem: unknown): string {
  if (!(problem instanceof Problem)) return t('caller.failed')
  if (problem.code === 'offline' || problem.code === 'timeout') return t('caller.offline')
  return problem.detail || t('caller.failed')
}

/** A link and its click, as if tapped: assigning location would count as leaving the page and drop uploads on some WebViews. */
function toDialler(number: string): void {
  const link = document.createElement('a')
  link.href = `tel:${number}`
  document.body.append(link)
  link.click()
  link.remove()
}

export function useCall(view: () => OpenTicket, me: () => Me) {
  const real = shallowRef<RealCaller | null>(null)
  const failure = ref<string | null>(null)
  const busy = ref(false)
  const call = shallowRef<OpenCall | null>(openCall(view().id, me().id, serverNow()))
  const seconds = ref<number | null>(null)
  const dialled = ref<string | null>(null)
  /** The question was pushed away but not answered: it waits on the page. */
  const aside = ref(false)
  const { run, failure: notKept } = useAct(view().id)
  let away = false

  async function show(reason: string): Promise<RealCaller | null> {
    if (real.value) return real.value
    busy.value = true
    failure.value = null
    try {
      real.value = await reveal(view().id, reason)
    } catch (problem) {
      failure.value = reasonOf(problem)
    } finally {
      busy.value = false
    }
    return real.value
  }

  async function dial(): Promise<void> {
    if (busy.value) return
    const caller = await show(t('caller.dial_reason'))
    if (!caller) return
    if (caller.phone) leave('caller', caller.phone)
    else failure.value = t('caller.no_number')
  }

  function leave(to: OpenCall['to'], number: string): void {
    call.value = {
      ticketId: view().id, contactId: freshId(), personId: me().id, to, startedAt: new Date(serverNow()).toISOString(),
    }
    leaveForCall(call.value)
    dialled.value = number
    aside.value = false
    seconds.value = null
    toDialler(number)
  }

  function onVisibility(): void {
    if (document.hidden) away = call.value !== null
    else if (away && call.value && seconds.value === null) seconds.value = secondsSince(call.value, serverNow())
  }

  /** Records how the call went. False when the phone could not keep it: the sheet stays with what was typed. */
  async function record(outcome: Outcome): Promise<boolean> {
    const ended = call.value
    if (!ended) return true
    const kept = await run('contact.record', {
      contact_id: ended.contactId, purpose: outcome.purpose, to: ended.to, channel: 'phone', outcome: outcome.outcome,
      started_at: ended.startedAt, duration_s: outcome.outcome === 'reached' ? seconds.value : null,
      note: outcome.note.trim() || null, evidence_ids: outcome.evidenceIds.length ? outcome.evidenceIds : null,
    })
    if (kept) forget()
    return kept !== null
  }

  /** Answered, or never called at all. */
  function forget(): void {
    aside.value = false
    closeCall()
    call.value = null
    seconds.value = null
    away = false
  }

  document.addEventListener('visibilitychange', onVisibility)
  onBeforeUnmount(() => document.removeEventListener('visibilitychange', onVisibility))
  return {
    real, failure, notKept, busy, call, seconds, dialled, aside, show, dial, record, forget,
    dialStation: (number: string) => leave('station', number),
  }
}

export type Call = ReturnType<typeof useCall>
