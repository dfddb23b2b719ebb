// @vitest-environment happy-dom
import { afterAll, beforeEach, expect, it } from 'vitest'
import { useSend } from '@/oversight/useSend'
import { items } from '@/sync/board'
import { pull } from '@/sync/pull'
import { drain } from '@/sync/send'
import { newPhone } from '../support/phone'
import { Backend, ticket } from '../support/server'

const backend = new Backend()
const taken = { code: 'phone_taken', message: '这个手机号已被其他账号使用。' }
const left = () => items.value.map((item) => `${item.command.name} ${item.state}`)

beforeEach(async () => {
  if (!backend.base.includes(':')) await backend.start()
  await newPhone(backend)
  await pull()
})
afterAll(() => backend.stop())

async function sent(name: string, ticketId: string | null) {
  const { failure, send } = useSend()
  backend.refusals.set(ticketId ?? '', taken)
  const fate = send(name, ticketId, {})
  await new Promise((resolve) => { setTimeout(resolve, 50) })
  await drain(() => undefined, true)
  return { fate: await fate, failure: failure.value }
}

it('a refusal that was said on the sheet does not wait in the outbox to be handled again', async () => {
  expect(await sent('person.enrol', null)).toEqual({ fate: 'refused', failure: taken.message })
  expect(left()).toEqual([])
})

it('one of a ticket stays, with what was written', async () => {
  backend.tickets.set('t1', ticket('t1'))
  await pull()
  expect((await sent('thread.post', 't1')).fate).toBe('refused')
  expect(left()).toEqual(['thread.post refused'])
})
