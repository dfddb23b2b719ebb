/** Lazy routes of the feature screens. */
import type { RouteRecordRaw } from 'vue-router'

export const screens: RouteRecordRaw[] = []
