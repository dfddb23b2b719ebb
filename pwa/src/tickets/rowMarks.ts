/** Work of this phone, 协办, 督办, how a ticket was closed, and its source in the words of its policy. */
import marks from '@/locales/zh-CN.marks.json'
import { catalogue, t as base } from '@/core/text'
import type { Policy, RowView } from '@/core/types'
import { me, policyOf } from '@/sync/board'
import { emptyHint, rowWords, type RowWords } from './rowWords'

const { t, tMaybe } = catalogue(marks)

/** A ticket of another unit stands in the list of who only works for units because the own unit helps on it. */
function onlyHelping(view: RowView): boolean {
  const grants = me.value?.roles ?? []
  const unit = view.unit?.id
  return unit !== undefined && grants.length > 0 && grants.every((grant) => /^(liaison|reviewer|leader|chief)$/.test(grant.role)
    && grant.unit_id !== unit && !(grant.below ?? []).includes(unit))
}

/** An order from above that somebody has to answer in words. */
function ordered(view: RowView, policy: Policy | undefined): string | null {
  const rule = policy?.requests.find((item) => view.open_requests.includes(item.kind) && (item.stages ?? []).some((stage) => stage.act === 'answer'))
  return rule?.label ?? null
}

function work(view: RowView): RowWords['chips'] {
  if (view.refused.length > 0) return [{ text: t('row.refused', { count: view.refused.length }), tone: 'bad' }]
  return view.pending.length > 0 ? [{ text: t('row.pending', { count: view.pending.length }), tone: 'plain' }] : []
}

rowWords.value = (view): RowWords => {
  const policy = policyOf(view)
  const order = ordered(view, policy)
  const asked = view.open_requests.length > (order ? 1 : 0)
  const closed = view.closed_how && view.closed_how !== 'accepted' ? tMaybe(`row.${view.closed_how}`, '') : ''
  return {
    source: policy?.sources?.find((item) => item.key === view.source)?.label ?? view.source,
    chips: [
      ...(onlyHelping(view) ? [{ text: t('row.helping'), tone: 'warn' }] : []),
      ...(order ? [{ text: order, tone: 'bad' }] : []),
      ...(asked ? [{ text: t('row.asked'), tone: 'plain' }] : []),
      ...work(view),
      ...(closed ? [{ text: closed, tone: 'plain' }] : []),
    ],
  }
}

emptyHint.value = () => {
  const has = (roles: RegExp) => me.value?.roles.some((grant) => roles.test(grant.role))
  if (has(/^(liaison|reviewer|leader|chief)$/)) return t('empty.turn')
  return t('empty.at', { tab: base(has(/station/) ? 'tab.desk' : has(/supervisor/) ? 'tab.watch' : 'tab.me') })
}
