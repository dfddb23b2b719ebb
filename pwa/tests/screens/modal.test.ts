// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import BindSheet from '@/channels/BindSheet.vue'
import { rememberPerson } from '@/platform/person'
import Sheet from '@/ui/Sheet.vue'

let mounted: VueWrapper | null = null
afterEach(() => { mounted?.unmount(); mounted = null; document.body.innerHTML = ''; vi.unstubAllGlobals() })
const press = (key: string, over: KeyboardEventInit = {}) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...over }))
const opener = () => document.querySelector<HTMLButtonElement>('#opener')!
const dialogs = () => document.querySelectorAll('[role=dialog]').length

/** A page with a button that opens what `inner` is, as the screens do: there only while it is open. */
async function page(inner: (close: () => void) => unknown): Promise<void> {
  mounted = mount(defineComponent(() => {
    const shown = ref(false)
    return () => h('main', [h('button', { id: 'opener', onClick: () => { shown.value = true } }, '打开'), shown.value ? (inner(() => { shown.value = false }) as never) : null, h('button', { id: 'other' }, '别的')])
  }), { attachTo: document.body })
  opener().focus()
  opener().click()
  await nextTick()
  await flushPromises()
}

describe('a dialog', () => {
  it('is focused, closes with Escape, and gives the focus back', async () => {
    await page((close) => h(Sheet, { open: true, title: '标题', onClose: close }, () => h('input')))
    expect(document.activeElement?.getAttribute('role')).toBe('dialog')
    press('Escape')
    await flushPromises()
    expect(dialogs()).toBe(0)
    expect(document.activeElement).toBe(opener())
    expect(document.body.style.overflow).toBe('')
  })

  it('hears Escape also when the focus has fallen to the page, and Tab brings it back inside', async () => {
    await page((close) => h(Sheet, { open: true, title: '标题', onClose: close }, () => h('input', { id: 'inside' })))
    ;(document.activeElement as HTMLElement).blur()
    expect(document.activeElement).toBe(document.body)
    press('Tab', { shiftKey: true })
    expect(document.activeElement?.id).toBe('inside')
    ;(document.activeElement as HTMLElement).blur()
    press('Escape')
    await flushPromises()
    expect([dialogs(), document.activeElement]).toEqual([0, opener()])
  })

  it('of two the topmost alone closes', async () => {
    const second = ref(true)
    await page((close) => [
      h(Sheet, { open: true, title: '下', onClose: close }),
      second.value ? h(Sheet, { open: true, title: '上', onClose: () => { second.value = false } }) : null,
    ])
    expect(dialogs()).toBe(2)
    press('Escape')
    await flushPromises()
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('下')
    expect(document.body.style.overflow).toBe('hidden')
    press('Escape')
    await flushPromises()
    expect(dialogs()).toBe(0)
  })

  it('leaves the focus on the page when what opened it is gone', async () => {
    await page((close) => h(Sheet, { open: true, title: '标题', onClose: close }))
    opener().remove()
    press('Escape')
    await flushPromises()
    expect(document.activeElement?.id).toBe('other')
  })
})

describe('binding an account', () => {
  beforeEach(() => {
    ;(window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL('http://localhost/')
    rememberPerson('p0')
    vi.stubGlobal('fetch', (asked: Request | string) => {
      const url = typeof asked === 'string' ? asked : asked.url
      if (url.endsWith('/refresh')) return Promise.resolve(Response.json({ access_token: 'a', expires_in: 900, me: { id: 'p0' } }))
      return Promise.resolve(Response.json({ url: 'https://wechat.example.org/go' }, { status: 201 }))
    })
  })

  it('closes with Escape after its button has made way for the link, and gives the focus back', async () => {
    const which = { channel: 'wechat', label: '微信公众号', bind: 'oauth', muted: false, points: [] }
    await page((close) => h(BindSheet, { which: which as never, onClose: close }))
    const bind = [...document.querySelectorAll<HTMLButtonElement>('[role=dialog] button')].find((button) => button.textContent?.includes('绑定'))!
    bind.focus()
    bind.click()
    await vi.waitFor(async () => { await flushPromises(); if (!document.body.textContent?.includes('https://wechat.example.org/go')) throw new Error('no link yet') })
    expect(bind.isConnected).toBe(false)
    document.body.focus()
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await flushPromises()
    expect([dialogs(), document.activeElement]).toEqual([0, opener()])
  })
})
