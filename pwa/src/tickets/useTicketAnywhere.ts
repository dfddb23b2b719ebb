/**
 * A ticket from this phone, else from the server: the station opens closed tickets and those of every unit, and a phone keeps only what
 * its person has to do with.
 */
import { computed, onBeforeUnmount, onMounted, shallowRef, watch } from 'vue'
import { overlay } from '@/core/overlay'
import type { Ticket, TicketView } from '@/core/types'
import { online } from '@/platform/online'
import { Problem } from '@/platform/problem'
import { useOutbox, usePolicy, useTicket } from '@/sync/store'

/** The phone's own database answers within this; only then is the network asked. */
const PATIENCE_MS = 600

export type Absence = 'looking' | 'offline' | 'unknown'

export function useTicketAnywhere(id: string) {
  const held = useTicket(id)
  const fetched = shallowRef<Ticket | undefined>()
  const absence = shallowRef<Absence>('looking')
  const { items } = useOutbox()
  const mine = computed(() => items.value.filter((item) => item.command.ticket_id === id && item.state !== 'delivered'))
  const policy = usePolicy(computed(() => held.value ?? fetched.value))

  async function fetchTicket(): Promise<void> {
    absence.value = 'looking'
    try {
      const { data } = await (await online()).GET('/api/v1/tickets/{ticket_id}', { params: { path: { ticket_id: id } } })
      fetched.value = data as Ticket | undefined
    } catch (problem) {
      absence.value = problem instanceof Problem && (problem.code === 'offline' || problem.code === 'timeout') ? 'offline' : 'unknown'
    }
  }
  const needed = () => held.value === undefined || held.value.detail === null

  let timer: ReturnType<typeof setTimeout> | undefined
  onMounted(() => { timer = setTimeout(() => { if (needed()) void fetchTicket() }, PATIENCE_MS) })
  onBeforeUnmount(() => clearTimeout(timer))
  // What was done from here has been answered: the copy in hand is out of date.
  watch(() => mine.value.length, (now, before) => { if (now < before && fetched.value && needed()) void fetchTicket() })

  // A refresh took it off this phone (closed, given to others): whoever has it open reads on from the server.
  watch(() => held.value === undefined, (gone, before) => { if (gone && before === false) void fetchTicket() })

  const view = computed((): TicketView | undefined => {
    if (!needed()) return held.value
    return fetched.value ? overlay(fetched.value, mine.value, policy.value) : held.value
  })
  return { view, policy, absence, again: fetchTicket }
}
