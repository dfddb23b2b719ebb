/** What went wrong, as the server says it (RFC 9457) or as the phone noticed it (code `offline`, `timeout`). */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly status = 0,
    readonly facts: Record<string, unknown> = {},
    readonly errors: Record<string, string[]> = {},
  ) {
    super(`${code}: ${detail}`)
  }

  static async from(response: Response): Promise<Problem> {
    const body = await response.json().catch(() => ({})) as Record<string, unknown>
    return new Problem(
      typeof body.code === 'string' ? body.code : `http_${response.status}`,
      typeof body.detail === 'string' ? body.detail : '',
      response.status,
      (body.facts as Record<string, unknown>) ?? {},
      (body.errors as Record<string, string[]>) ?? {},
    )
  }
}
