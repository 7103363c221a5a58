import { expect, test } from 'vitest'
import { tickAll } from './tick-all.ts'

function partyOf(name: string, done: string[], broken: 'tick' | 'heads' | 'nothing' = 'nothing') {
  return {
    tick: async (early = false) => {
      if (broken === 'tick') throw new Error(name)
      done.push(`${name} ticked${early ? ' early' : ''}`)
    },
    exchangeHeads: async () => {
      if (broken === 'heads') throw new Error(name)
      done.push(`${name} exchanged`)
    },
  }
}

test('one institution that fails stops no other: all is tried, all is reported, the first failure is thrown', async () => {
  const done: string[] = []
  const reported: unknown[] = []
  const parties = [partyOf('a', done, 'tick'), partyOf('b', done), partyOf('c', done, 'heads')]
  await expect(tickAll(parties, true, (error) => reported.push(error))).rejects.toThrow('a')
  expect(done).toEqual(['b ticked early', 'c ticked early', 'a exchanged', 'b exchanged'])
  expect(reported.map(String)).toEqual(['Error: a', 'Error: c'])
})

test('every anchor is made before any head is fetched, so that the heads hold the anchors', async () => {
  const done: string[] = []
  await tickAll([partyOf('a', done), partyOf('b', done)], false, () => undefined)
  expect(done).toEqual(['a ticked', 'b ticked', 'a exchanged', 'b exchanged'])
})
