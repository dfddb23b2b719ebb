/** Words of passwords and devices, which need the network, beside those of 登录 and 我的. */
import base from './zh-CN.json'
import own from './zh-CN.own.json'
import access from './zh-CN.access.json'
import { catalogue } from '@/core/text'

export const { t } = catalogue({ ...base, ...own, ...access })
