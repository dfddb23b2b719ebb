import { describe, expect, it } from 'vitest'
import vectors from '../../tests/vectors/reply_gate.json'
import { check, type ReplyFacts } from '@/core/replyGate'
import type { ReplyPolicy } from '@/core/types'

interface Case { name: string; policy: string; reply: ReplyFacts; findings: unknown[] }
const policies = vectors.policies as unknown as Record<string, ReplyPolicy>
const cases = vectors.cases as unknown as Case[]

describe('reply gate gives the same answers as the server', () => {
  it('has vectors to pass', () => expect(cases.length).toBeGreaterThan(20))
  it.each(cases.map((c) => [c.name, c] as const))('%s', (_name, c) => {
    const facts = { ...c.reply, opinion: c.reply.opinion ?? null }
    expect(check(policies[c.policy]!, facts)).toEqual(c.findings)
  })
})
