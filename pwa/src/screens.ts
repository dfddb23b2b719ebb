/** Lazy routes of the feature screens: the first load of the list brings none of them. */
import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

type Loader = () => Promise<{ default: Component }>

/** A screen that gets ticket, policy and person, and is not drawn before they are here. */
function onTicket(path: string, load: Loader): RouteRecordRaw {
  return {
    path: `/t/:id${path}`,
    props: true,
    component: async () => {
      const [{ framed }, screen] = await Promise.all([import('@/tickets/frame'), load()])
      return framed(screen.default)
    },
  }
}

export const screens: RouteRecordRaw[] = [
  onTicket('', () => import('@/tickets/detail/DetailScreen.vue')),
  onTicket('/sign', () => import('@/tickets/sign/SignScreen.vue')),
  onTicket('/field', () => import('@/fieldwork/FieldScreen.vue')),
  onTicket('/capture', () => import('@/evidence/CaptureScreen.vue')),
  onTicket('/record', () => import('@/evidence/RecordScreen.vue')),
  onTicket('/reply', () => import('@/replies/ReplyScreen.vue')),
  onTicket('/request/:kind', () => import('@/requests/RequestScreen.vue')),
  onTicket('/decide', () => import('@/requests/TurnScreen.vue')),
  onTicket('/assist', () => import('@/joint/AssistScreen.vue')),
  onTicket('/plan', () => import('@/fieldwork/PlanScreen.vue')),
  onTicket('/signoff', () => import('@/oversight/SignoffScreen.vue')),
  onTicket('/review', () => import('@/oversight/ReviewScreen.vue')),
  onTicket('/check/:case', () => import('@/oversight/field/FieldCheckScreen.vue')),
  onTicket('/dispatch', () => import('@/oversight/DispatchScreen.vue')),
  onTicket('/consult', () => import('@/oversight/ConsultScreen.vue')),
  onTicket('/direct', () => import('@/oversight/DirectScreen.vue')),
  onTicket('/callback', () => import('@/oversight/CallbackScreen.vue')),
  onTicket('/raise/:kind', () => import('@/oversight/RaiseScreen.vue')),
  onTicket('/copy', () => import('@/intake/CopyScreen.vue')),
  onTicket('/bundle', () => import('@/bundles/BundleScreen.vue')),
  { path: '/desk', component: () => import('@/oversight/DeskScreen.vue') },
  { path: '/desk/import', component: () => import('@/intake/ImportScreen.vue') },
  { path: '/desk/import/:id', props: true, component: () => import('@/intake/ImportFileScreen.vue') },
  { path: '/field', component: () => import('@/oversight/field/FieldListScreen.vue') },
  { path: '/watch', component: () => import('@/oversight/watch/WatchScreen.vue') },
  { path: '/inspect/:case?', props: true, component: () => import('@/oversight/inspections/InspectScreen.vue'), meta: { alone: true } },
  { path: '/desk/intake', component: () => import('@/oversight/IntakeScreen.vue') },
  { path: '/inbox', component: () => import('@/reminders/InboxScreen.vue') },
  { path: '/people', component: () => import('@/people/PeopleScreen.vue') },
  { path: '/roster/:unit?', props: true, component: () => import('@/people/roster/RosterScreen.vue') },
  { path: '/roster/:unit/plan', props: true, component: () => import('@/people/roster/PlanScreen.vue') },
  { path: '/people/deputies', component: () => import('@/people/DeputiesScreen.vue') },
  { path: '/people/training', component: () => import('@/people/TrainingScreen.vue') },
  { path: '/people/accounts', component: () => import('@/people/AccountsScreen.vue') },
  { path: '/rates', component: () => import('@/reports/RatesScreen.vue') },
  { path: '/rates/:rate', props: true, component: () => import('@/reports/RateTicketsScreen.vue') },
  { path: '/rules', component: () => import('@/rulebook/RulesScreen.vue') },
  { path: '/rules/edit', component: () => import('@/rulebook/RulesEditScreen.vue') },
  { path: '/calendar', component: () => import('@/rulebook/CalendarScreen.vue') },
  { path: '/channels', component: () => import('@/channels/ChannelsScreen.vue') },
  { path: '/me/channels', component: () => import('@/channels/MyChannelsScreen.vue') },
  { path: '/platform', component: () => import('@/intake/platform/PlatformScreen.vue') },
  { path: '/platform/:id', props: true, component: () => import('@/intake/platform/WebhookScreen.vue') },
]
