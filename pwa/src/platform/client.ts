/** The server's API as generated from its own description. Apart from api.ts because only some lazy screens need it. */
import createClient from 'openapi-fetch'
import type { paths } from '@/api/schema'
import { authorised } from './api'
import { Problem } from './problem'

/** Generated client; paths as in the OpenAPI document. Errors are raised as Problem. */
export const api = createClient<paths>({ fetch: authorised })
api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.from(response)
  },
})
