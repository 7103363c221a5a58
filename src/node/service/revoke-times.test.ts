import { expect, test } from 'vitest'
import type { MessageHandlers } from '../../api/index.ts'
import type { Json } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { revokeTimes } from './revoke-times.ts'

type House = Parameters<typeof revokeTimes>[0] extends Iterable<infer H> ? H : never

/** An inbox whose institution answers what it is told to, some seconds after. */
function inbox(answers: readonly (readonly [seconds: number, reply: Json])[]) {
  let now = 0
  let next = 0
  const served: MessageHandlers[] = []
  const institution: Pick<Hosted['institution'], 'handle'> = {
    handle: async () => {
      const [seconds, reply] = answers[next++] ?? [0, null]
      now += seconds
      return reply
    },
  }
  const house = { institution, serve: (handlers: MessageHandlers) => void served.push(handlers) }
  const figures = revokeTimes([house as unknown as House], () => now)
  const revoke = () => served[0]?.revoke?.({}, {} as never)
  return { figures, revoke }
}

test('what was new and has a block is measured; what was known is not, and what has no block is pending', async () => {
  const { figures, revoke } = inbox([
    [1, { seen: 'new', block: 7 }],
    [3, { seen: 'new', block: 8 }],
    [50, { seen: 'known', block: 7 }],
    [50, { seen: 'new', block: null }],
  ])
  for (let i = 0; i < 4; i++) await revoke()
  expect(figures()).toEqual({
    measured: 2,
    pending: 1,
    median_seconds: 1,
    p99_seconds: 3,
    slowest_seconds: 3,
  })
})

test('the institution’s answer goes out as it was', async () => {
  const { figures, revoke } = inbox([[0, { seen: 'new', block: 7 }]])
  expect(await revoke()).toEqual({ seen: 'new', block: 7 })
  expect(inbox([]).figures()).toMatchObject({ measured: 0, median_seconds: null })
  expect(figures().measured).toBe(1)
})
