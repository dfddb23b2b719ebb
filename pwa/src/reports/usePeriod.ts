/** The period that stands in the address: a month, a week, a day or any days; what is asked for, its name, and the way to the next one. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { t } from '@/locales/office'
import { around, dayAfter, monthOf, shift, type Days, type Span } from '@/reports/month'
import { serverNow, useMe } from '@/sync/store'
import { toField } from '@/tickets/when'

const DAY = /^\d{4}-\d\d-\d\d$/

export function periodName(period: { month: string | null } & Days): string {
  if (period.month) return t('rates.month', { year: period.month.slice(0, 4), month: Number(period.month.slice(5)) })
  if (period.first === period.last) return t('rates.day', { year: period.first.slice(0, 4), month: Number(period.first.slice(5, 7)), day: Number(period.first.slice(8)) })
  return t('rates.days', { first: period.first, last: period.last })
}

export function usePeriod() {
  const route = useRoute()
  const router = useRouter()
  const me = useMe()
  const zone = computed(() => me.value?.jurisdiction.zone ?? 'Asia/Shanghai')
  const today = toField(serverNow(), zone.value).slice(0, 10)
  const text = (name: string) => (typeof route.query[name] === 'string' ? route.query[name] as string : '')
  const day = (name: string) => (DAY.test(text(name)) ? text(name) : '')
  const span = computed<Span>(() => (['day', 'week', 'days'].includes(text('span')) ? text('span') as Span : 'month'))
  const month = computed(() => text('month') || monthOf(today))
  const days = computed<Days>(() => (span.value === 'days' ? { first: day('first') || today, last: day('last') || today } : around(span.value, day('first') || today)))
  const asked = computed(() => (span.value === 'month' ? { month: month.value } : { ...days.value }))
  const name = computed(() => periodName(span.value === 'month' ? { month: month.value, first: '', last: '' } : { month: null, ...days.value }))
  const last = computed(() => (span.value === 'month' ? month.value >= monthOf(today) : days.value.last >= today))
  const turn = (query: Record<string, string>) => void router.replace({ path: '/rates', query: { ...route.query, ...query } })
  const pick = (to: string) => void router.replace({ path: '/rates', query: { ...(text('by') ? { by: text('by') } : {}), span: to, ...(to === 'days' ? { first: dayAfter(today, -29), last: today } : {}) } })
  const step = (by: number) => (span.value === 'month' ? turn({ month: shift(month.value, by) }) : turn({ first: dayAfter(days.value.first, by * (span.value === 'week' ? 7 : 1)) }))
  return { zone, today, span, days, asked, name, last, turn, pick, step, query: computed(() => new URLSearchParams(asked.value as Record<string, string>).toString()) }
}
