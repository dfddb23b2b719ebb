/** Path data of our own icons: those of the first screen. The others come with the engine, a moment after the first paint. */
import { shallowRef } from 'vue'
import type { more } from './moreIcons'

const first = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  list: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3',
  out: 'M4 13v6h16v-6M12 15V4M8 8l4-4 4 4',
  person: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4.5 20c.8-3.6 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500',
  bell: 'M6 10a6 6 0 0112 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 20h4',
  desk: 'M4 5h16v10H4zM9 20h6M12 15v5',
  search: 'M10.500 17a6.500 6.500 0 100-13 6.500 6.500 0 000 13zM15.500 15.500L20 20',
  sync: 'M4.500 11A7.800 7.800 0 0118 6.500L20 9M20 4v5h-5M19.500 13A7.800 7.800 0 016 17.500L4 15M4 20v-5h5',
  filter: 'M4 6h16M7 12h10M10 18h4',
} as const

export type IconName = keyof typeof first | keyof typeof more

export const icons = shallowRef<Partial<Record<IconName, string>>>(first)
