/**
 * Who is at this phone. The access token lives in memory only; the refresh token is a cookie no script can read. The person's
 * id is remembered so that the app opens offline, without any token, on the data this device already holds.
 */
import { newId } from '@/core/command'
import type { Session } from '@/core/types'
import { noteAnswer, noteSilence } from './network'
import { auth, rememberedPerson, rememberPerson, type FirstFetch } from './person'
import { Problem } from './problem'
import { send } from './transport'

const DEVICE = 'doorstep.device'
const LEAVING = 'doorstep.leaving'
const AUTH = '/api/v1/auth'

let token: { text: string; until: number } | null = null
let refreshing: Promise<Session> | null = null

export function deviceId(): string {
  const held = localStorage.getItem(DEVICE)
  if (held) return held
  const made = newId(Date.now())
  localStorage.setItem(DEVICE, made)
  return made
}

function take(session: Session): Session {
  if (session.me.id !== rememberedPerson()) {
    auth.value = 'other'
    throw new Problem('login', '', 401)
  }
  // Half a minute early, measured by the clock that nobody can move.
  token = { text: session.access_token, until: performance.now() + (session.expires_in - 30) * 1000 }
  auth.value = session.me.password_first ? 'first' : 'in'
  return session
}

const post = (path: string, body?: unknown) => send(AUTH + path, {
  method: 'POST',
  headers: { 'X-Doorstep': '1', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
  body: body === undefined ? undefined : JSON.stringify(body),
  credentials: 'same-origin',
})

/** Raises Problem (credentials_wrong, account_locked, too_many_requests, offline, …). */
export async function login(phone: string, password: string, name: string): Promise<Session> {
  const response = await post('/login', { phone, password, device: { id: deviceId(), name, platform: 'web' } })
  if (!response.ok) throw await Problem.from(response)
  const session = await response.json() as Session
  localStorage.removeItem(LEAVING)
  rememberPerson(session.me.id)
  return take(session)
}

async function askForSession(first: Promise<FirstFetch> | undefined): Promise<Session> {
  if (localStorage.getItem(LEAVING)) {
    auth.value = 'login'
    throw new Problem('login', '', 401)
  }
  const early = await first?.catch(() => undefined)
  if (early?.status === 200) {
    noteAnswer()
    return take(early.session)
  }
  const response = await post('/refresh')
  if (response.status === 401 || response.status === 403) {
    token = null
    auth.value = 'login'
    throw new Problem('login', '', 401)
  }
  if (!response.ok) throw await Problem.from(response)
  return take(await response.json() as Session)
}

/** A fresh session; callers in the same tab share one request. Raises Problem `login` when the person must sign in. */
export function refresh(first?: Promise<FirstFetch>): Promise<Session> {
  refreshing ??= askForSession(first).finally(() => { refreshing = null })
  return refreshing
}

/** The access token, renewed when it is about to end. Raises Problem `login` or `offline`. */
export async function accessToken(): Promise<string> {
  if (auth.value === 'other') throw new Problem('login', '', 401)
  if (token === null || performance.now() > token.until) await refresh()
  if (token === null) throw new Problem('login', '', 401)
  return token.text
}

export function forgetToken(): void {
  token = null
}

/** Ends the session here at once; the server hears of it now or, when there is no network, at the next start. */
export async function logout(): Promise<void> {
  localStorage.setItem(LEAVING, '1')
  rememberPerson(null)
  token = null
  auth.value = 'login'
  await finishLeaving()
}

export async function finishLeaving(): Promise<void> {
  if (!localStorage.getItem(LEAVING)) return
  try {
    const response = await post('/logout')
    if (response.ok || response.status === 401) localStorage.removeItem(LEAVING)
  } catch {
    noteSilence()
  }
}

