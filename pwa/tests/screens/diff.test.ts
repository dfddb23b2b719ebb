import { describe, expect, it } from 'vitest'
import { diffParts, diffText } from '@/replies/diff'

const side = (pieces: ReturnType<typeof diffText>, without: string) =>
  pieces.filter((piece) => piece.kind !== without).map((piece) => piece.text).join('')

describe('diffText', () => {
  it('gives back both texts exactly when one side is left out', () => {
    const before = '11月20日上门核实，路灯3盏不亮。\n已联系维修。'
    const after = '11月21日再次上门核实，路灯5盏不亮，\n当日全部修复。'
    const pieces = diffText(before, after)
    expect(side(pieces, 'added')).toBe(before)
    expect(side(pieces, 'removed')).toBe(after)
  })

  it('keeps an unchanged sentence whole and marks only the changed words', () => {
    const pieces = diffText('已更换水泵，恢复供水。', '已更换阀门，恢复供水。')
    expect(pieces.filter((piece) => piece.kind === 'removed').map((piece) => piece.text)).toEqual(['水泵'])
    expect(pieces.filter((piece) => piece.kind === 'added').map((piece) => piece.text)).toEqual(['阀门'])
  })

  it('says nothing for two empty texts and one piece for equal ones', () => {
    expect(diffText('', '')).toEqual([])
    expect(diffText('一样', '一样')).toEqual([{ kind: 'same', text: '一样' }])
  })
})

describe('diffParts', () => {
  it('follows the order of the policy and treats a part that is new as added', () => {
    const changes = diffParts(['facts', 'result'], { result: '修好' }, { facts: '属实', result: '修好' })
    expect(changes.map((change) => [change.key, change.changed])).toEqual([['facts', true], ['result', false]])
    expect(changes[0]?.pieces).toEqual([{ kind: 'added', text: '属实' }])
  })
})
