import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { faults } from '@/faults'
import { heldOpen } from '@/platform/busy'
import { network } from '@/platform/network'
import { rememberedPerson } from '@/platform/person'
import { takeOver } from '@/platform/update'
import TicketList from '@/tickets/TicketList.vue'

const own: RouteRecordRaw[] = [
  { path: '/', name: 'list', component: TicketList, meta: { tab: '/' } },
  { path: '/login', name: 'login', component: () => import('@/account/LoginPage.vue'), meta: { open: true, alone: true } },
  { path: '/outbox', name: 'outbox', component: () => import('@/outbox/OutboxPage.vue'), meta: { tab: '/outbox' } },
  { path: '/me', name: 'me', component: () => import('@/account/MePage.vue'), meta: { tab: '/me' } },
  { path: '/:rest(.*)*', name: 'other', component: { render: () => null } },
]

export const router = createRouter({
  history: createWebHistory(),
  routes: own,
})

let known = false
/** The feature screens' routes come with the engine: their list of files would weigh on the first paint of every list. */
export async function addScreens(): Promise<void> {
  if (known) return
  const { screens } = await import('./screens')
  if (!known) for (const screen of screens) router.addRoute(screen)
  known = true
}

router.beforeEach(async (to, from) => {
  if (!to.meta.open && rememberedPerson() === null) return { name: 'login', query: to.path === '/' ? {} : { next: to.fullPath } }
  if (to.name === 'other') {
    if (known) return '/'
    await addScreens()
    return to.fullPath
  }
  if (from.matched.length > 0 && to.path !== from.path && takeOver(to.fullPath, !heldOpen())) return false
  return true
})

const lostKey = (path: string) => `doorstep.lost.${path}`
router.afterEach((to, _from, failure) => { if (!failure) sessionStorage.removeItem(lostKey(to.path)) })

/** A chunk that is gone (deployed over, offline before it was cached): the shell alone may still open the page anew, once. */
router.onError((error: Error, to) => {
  if (!/dynamically imported module|module script failed|Failed to fetch|preload CSS/i.test(error.message)) return
  const key = lostKey(to.path)
  if (!sessionStorage.getItem(key) && network.value.state !== 'offline') {
    sessionStorage.setItem(key, '1')
    location.assign(to.fullPath)
    return
  }
  faults.value = 'not_here'
  // Nothing was on the screen before it: the list always is here.
  if (router.currentRoute.value.matched.length === 0) void router.replace('/')
})
