import { expect, test, vi } from 'vitest'
import { hashOf } from '../../ledger/testing/fixtures.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { askedWork, type IsAwaited } from './asked-work.ts'

const [study, other] = [hashOf('study'), hashOf('other study')]
const MINUTE = 60_000

/** Work that ends when it is told to. */
function working() {
  let now = 0
  const begun: { readonly end: (outcome: string) => void; readonly isAwaited: IsAwaited }[] = []
  const work = askedWork<string>((_, isAwaited) => new Promise((end) => begun.push({ end, isAwaited })), {
    clock: () => now,
    answerAfterMs: 0,
  })
  const later = (ms: number): void => {
    now += ms
  }
  return { work, begun, later }
}

test('work is begun by the first question, told by a later one, and not done anew within the hour', async () => {
  const { work, begun, later } = working()
  expect(await work.ask(study)).toBeUndefined()
  expect(await work.ask(study)).toBeUndefined()
  begun[0]!.end('done')
  await vi.waitFor(async () => expect(await work.ask(study)).toBe('done'))
  later(59 * MINUTE)
  expect(await work.ask(study)).toBe('done')
  later(2 * MINUTE)
  expect(await work.ask(study)).toBeUndefined()
  expect(begun).toHaveLength(2)
})

test('a site works at one study at a time, whoever asks', async () => {
  const { work, begun } = working()
  await Promise.all([work.ask(study), work.ask(other)])
  expect(begun).toHaveLength(1)
  begun[0]!.end('first')
  await vi.waitFor(() => expect(begun).toHaveLength(2))
})

test('work that nobody asks about is told so after a minute, and what closes gives it up at once', async () => {
  const { work, begun, later } = working()
  await work.ask(study)
  later(MINUTE - 1)
  expect(begun[0]!.isAwaited()).toBe(true)
  await work.ask(study)
  later(MINUTE - 1)
  expect(begun[0]!.isAwaited()).toBe(true)
  later(1)
  expect(begun[0]!.isAwaited()).toBe(false)
  await work.ask(study)
  expect(begun[0]!.isAwaited()).toBe(true)
  const closed = work.close()
  expect(begun[0]!.isAwaited()).toBe(false)
  begun[0]!.end('too late')
  await closed
})

test('what failed is told once, and the next question begins anew', async () => {
  let times = 0
  const work = askedWork(
    async () => {
      times += 1
      if (times === 1) throw new IsletError('LEDGER_HALTED', 'the ledger takes nothing')
      return times
    },
    { answerAfterMs: 1_000 },
  )
  await expect(work.ask(study)).rejects.toMatchObject({ code: 'LEDGER_HALTED' })
  expect(await work.ask(study)).toBe(2)
})
