/** What the server has of spot checks; all of it needs the network. */
import type { Clean } from '@/core/types'
import { online } from '@/platform/online'

export const askQueue = async () => (await (await online()).GET('/api/v1/oversight/inspections/queue')).data!
export type Queue = Clean<Awaited<ReturnType<typeof askQueue>>>
export type Entry = Queue['cases'][number]
export type Follow = Queue['follow'][number]
export type Draw = Queue['draws'][number]

export const askCase = async (id: string) => (await (await online()).GET('/api/v1/oversight/inspections/cases/{case_id}', { params: { path: { case_id: id } } })).data!
export type Case = Clean<Awaited<ReturnType<typeof askCase>>>
export type Facts = Case['facts']
export type Pair = Facts['pairs'][number]
export type Apart = NonNullable<Pair['apart']>
export type Verdict = 'genuine' | 'doubtful' | 'faked'

export const askVerification = async (id: string) => (await (await online()).GET('/api/v1/oversight/inspections/draws/{draw_id}/verification', { params: { path: { draw_id: id } } })).data!
export const askPlan = async () => (await (await online()).GET('/api/v1/oversight/inspections/plan')).data!
export const askResults = async (days: number) => (await (await online()).GET('/api/v1/oversight/inspections/results', { params: { query: { days } } })).data!
export type Results = Clean<Awaited<ReturnType<typeof askResults>>>
export type Interval = NonNullable<Results['total']['raw']>

export const VERDICTS: readonly Verdict[] = ['genuine', 'doubtful', 'faked']
export const TONES = { genuine: 'good', doubtful: 'warn', faked: 'bad' } as const
