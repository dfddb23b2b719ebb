import { describe, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import type { Reply } from '@/core/types'
import { useSeen } from '@/oversight/useSeen'
import { reply } from './fixtures'

const version = (id: string) => reply(1, { id, content_hash: id })

describe('what a signature binds to', () => {
  function page(first: Reply | null, can: boolean) {
    const [shown, signable] = [ref<Reply | null>(first), ref(can)]
    return { shown, signable, ...useSeen(() => shown.value, () => signable.value) }
  }

  it('the version that was on the screen when it could be signed; a newer one has to be read', async () => {
    const { shown, seen, changed, readAgain } = page(version('a'), true)
    shown.value = version('b')
    await nextTick()
    expect([seen.value?.id, changed.value]).toEqual(['a', true])
    readAgain()
    expect([seen.value?.id, changed.value]).toEqual(['b', false])
  })

  it('not the one that went back, shown until the phone has heard of the next', async () => {
    const { shown, signable, seen, changed } = page(version('a'), false)
    shown.value = version('b')
    signable.value = true
    await nextTick()
    expect([seen.value?.id, changed.value]).toEqual(['b', false])
    shown.value = version('c')
    await nextTick()
    expect([seen.value?.id, changed.value], 'bound from then on').toEqual(['b', true])
  })

  it('the first that comes, where the page opened before any', async () => {
    const { shown, seen } = page(null, true)
    shown.value = version('a')
    await nextTick()
    expect(seen.value?.id).toBe('a')
  })
})
