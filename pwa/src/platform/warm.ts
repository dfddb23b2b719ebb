/**
 * Screens that not everybody needs are not kept for offline on every phone. Whoever will need them gets them while the phone is idle, and
 * the service worker keeps them from then on: a leader signs in a lift too.
 */
import { watch } from 'vue'
import { me, policies } from '@/sync/board'

type Load = () => Promise<unknown>

/** What this person's roles and policies call for. */
export function wanted(): Load[] {
  const roles = new Set((me.value?.roles ?? []).map((grant) => grant.role))
  const leads = roles.has('reviewer') || roles.has('leader') || roles.has('chief')
  const joint = roles.has('liaison') && policies.value.some((policy) => policy.plan || policy.commitments || policy.dispatch?.grounds.some((item) => item.joint))
  const orders = policies.value.some((policy) => policy.requests.some((kind) => kind.stages?.some((stage) => stage.act === 'answer')))
  return [
    // Whom to call, and who is on duty: a call needs no data network, so the directory is on every phone that works on tickets.
    ...(leads || roles.has('liaison') ? [() => import('@/people/keepDirectory').then(({ keepDirectory }) => keepDirectory()), () => import('@/people/PeopleScreen.vue'), () => import('@/people/roster/RosterScreen.vue')] : []),
    ...(leads ? [() => import('@/oversight/SignoffScreen.vue')] : []),
    ...(roles.has('supervisor') ? [() => import('@/oversight/field/FieldListScreen.vue'), () => import('@/oversight/field/FieldCheckScreen.vue')] : []),
    ...(leads || (roles.has('liaison') && orders) ? [() => import('@/requests/TurnScreen.vue')] : []),
    ...(joint ? [() => import('@/joint/AssistScreen.vue')] : []),
  ]
}

/** One after the other, so that nothing the person does has to wait; without a network the next start tries again. */
export async function warm(): Promise<void> {
  // The page may have begun with nobody signed in.
  if (!me.value) await new Promise<void>((resolve) => { const stop = watch(me, (now) => { if (now) { stop(); resolve() } }) })
  await new Promise((resolve) => ('requestIdleCallback' in window ? requestIdleCallback(resolve, { timeout: 10_000 }) : setTimeout(resolve, 5_000)))
  for (const load of wanted()) await load().catch(() => undefined)
}
