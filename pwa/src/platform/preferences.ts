/** How this device shows things. Applied by the inline script in index.html too, before the first paint. */
import { ref } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'
export type TextSize = 'normal' | 'large' | 'elder'

const read = <T extends string>(key: string, otherwise: T): T => (localStorage.getItem(`doorstep.${key}`) as T | null) ?? otherwise
const night = window.matchMedia('(prefers-color-scheme: dark)')

export const theme = ref<Theme>(read('theme', 'auto'))
export const textSize = ref<TextSize>(read('text', 'normal'))

function apply(): void {
  const root = document.documentElement
  root.dataset.theme = theme.value === 'auto' ? (night.matches ? 'dark' : 'light') : theme.value
  root.dataset.text = textSize.value
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', getComputedStyle(root).getPropertyValue('--page').trim())
}

export function setTheme(value: Theme): void {
  theme.value = value
  localStorage.setItem('doorstep.theme', value)
  apply()
}

export function setTextSize(value: TextSize): void {
  textSize.value = value
  localStorage.setItem('doorstep.text', value)
  apply()
}

// addListener: Safari 13 and old WebViews have no addEventListener here.
if (night.addEventListener) night.addEventListener('change', apply)
else night.addListener(apply)
// The page already looks so; only the browser's own bar waits, since asking for a colour now would lay the page out before it stands.
setTimeout(apply, 1_000)
