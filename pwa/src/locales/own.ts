/** Words of 登录, 我的 and 发件箱, beside the base catalogue. */
import base from './zh-CN.json'
import own from './zh-CN.own.json'
import roles from './zh-CN.roles.json'
import { catalogue } from '@/core/text'

export const { t, tMaybe } = catalogue({ ...base, ...own, ...roles })
