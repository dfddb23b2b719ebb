/** Calls in the person's name. */
import { Problem } from './problem'
import { auth } from './person'
import { accessToken, forgetToken } from './session'
import { send } from './transport'

/**
 * fetch with the bearer token; a 401 renews it once. Raises Problem `login` when the person must sign in, `offline` or
 * `timeout` when there is no answer. Other statuses are returned.
 */
export async function authorised(input: string | Request, init: RequestInit = {}): Promise<Response> {
  for (let again = false; ; again = true) {
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined))
    headers.set('Authorization', `Bearer ${await accessToken()}`)
    const response = await send(input instanceof Request ? input.clone() : input, { ...init, headers })
    if (response.status !== 401) return response
    const problem = await Problem.from(response)
    forgetToken()
    if (again || problem.code === 'device_revoked') {
      auth.value = 'login'
      throw new Problem('login', problem.detail, 401)
    }
  }
}

/** As `authorised`, but any answer that is not 2xx is raised as the Problem it carries. */
export async function demand(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await authorised(path, init)
  if (!response.ok) throw await Problem.from(response)
  return response
}
