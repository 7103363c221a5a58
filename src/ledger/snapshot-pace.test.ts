import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SnapshotPace } from './snapshot-pace.ts'

test('snapshots are never closer than was asked for nor than a fifth of the chain, and never wait for ever', () => {
  const sealed = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 80 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(20_000), sealed, (every, before, blocks) => {
      const pace = new SnapshotPace(every, before)
      let since = 0
      let whole = before
      for (const block of blocks) {
        pace.sealed(block)
        since += block
        whole += block
        expect(pace.transactions).toBe(whole)
        expect(pace.isDue).toBe(since >= every && since >= Math.floor(whole / 5))
        expect(pace.isOverdue).toBe(since >= 8 * every && since >= 8 * Math.floor(whole / 5))
        if (pace.isDue) {
          pace.taken()
          since = 0
          expect([pace.isStale, pace.isDue]).toEqual([false, false])
        }
      }
    }),
  )
})

test('what was replayed at a start counts as in no snapshot', () => {
  const pace = new SnapshotPace(10, 12)
  expect(pace.isStale).toBe(false)
  pace.replayed(12)
  expect([pace.isStale, pace.isDue, pace.isOverdue]).toEqual([true, true, false])
})
