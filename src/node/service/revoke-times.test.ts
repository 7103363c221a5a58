import { expect, test } from 'vitest'
import type { MessageHandlers } from '../../api/index.ts'
import { type Json, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { revokeTimes } from './revoke-times.ts'

type House = Parameters<typeof revokeTimes>[0] extends Iterable<infer H> ? H : never

/** An inbox whose institution answers what it is told to, some seconds after; and a ledger that has some of it. */
function inbox(answers: readonly (readonly [seconds: number, reply: Json])[]) {
  let now = 0
  let next = 0
  const served: MessageHandlers[] = []
  const onLedger = new Map<string, UnixSeconds>()
  const institution: Pick<Hosted['institution'], 'handle'> = {
    handle: async () => {
      const [seconds, reply] = answers[next++] ?? [0, null]
      now += seconds
      return reply
    },
  }
  const house = { institution, serve: (handlers: MessageHandlers) => void served.push(handlers) }
  const figures = revokeTimes([house as unknown as House], {
    steady: () => now,
    wall: () => 1_000_000 + now,
    onLedger: async ({ consentId }) => onLedger.get(consentId),
  })
  const idOf = (consent: number) => `0x${String(consent).padStart(64, '0')}` as const
  const revoke = (consent = 1, gossip = false) =>
    served[0]?.revoke?.(
      {
        gossip,
        revoke: {
          consentId: idOf(consent),
          commitment: idOf(0),
          signer: `0x${'0'.repeat(40)}`,
          nonce: '0',
          deadline: '0',
          signature: `0x${'0'.repeat(130)}`,
        },
      },
      {} as never,
    )
  const included = (consent: number, at: number) =>
    void onLedger.set(idOf(consent), quantity<UnixSeconds>(1_000_000 + at))
  return { figures, revoke, included }
}

test('what was new and has a block is measured; what was known is not, and what has no block is pending', async () => {
  const { figures, revoke } = inbox([
    [1, { seen: 'new', block: 7 }],
    [3, { seen: 'new', block: 8 }],
    [50, { seen: 'known', block: 7 }],
    [50, { seen: 'new', block: null }],
  ])
  for (let i = 0; i < 4; i++) await revoke()
  expect(await figures()).toEqual({
    measured: 2,
    pending: 1,
    median_seconds: 1,
    p99_seconds: 3,
    slowest_seconds: 3,
  })
})

test('what was pending is so no longer once the ledger has it, and counts by the time of its block', async () => {
  const unsettled = [0, { seen: 'new', block: null }] as const
  const { figures, revoke, included } = inbox([unsettled, unsettled])
  await revoke(1)
  await revoke(2)
  expect(await figures()).toMatchObject({ measured: 0, pending: 2 })
  included(2, 40)
  expect(await figures()).toMatchObject({ measured: 1, pending: 1, slowest_seconds: 40 })
  included(1, 2)
  expect(await figures()).toMatchObject({ measured: 2, pending: 0, median_seconds: 2, slowest_seconds: 40 })
  expect(await figures()).toMatchObject({ measured: 2, pending: 0 })
})

test('a block that is dated before the stop came, as whole seconds can be, took no time and not less', async () => {
  const { figures, revoke, included } = inbox([[0, { seen: 'new', block: null }]])
  await revoke(1)
  included(1, -1)
  expect(await figures()).toMatchObject({ measured: 1, pending: 0, slowest_seconds: 0 })
})

test('of more than ten thousand the newest are kept', async () => {
  const slow = [90, { seen: 'new', block: 6 }] as const
  const { figures, revoke } = inbox([slow, ...Array.from({ length: 10_000 }, () => [1, slow[1]] as const)])
  for (let i = 0; i < 10_000; i++) await revoke()
  expect(await figures()).toMatchObject({ measured: 10_000, slowest_seconds: 90 })
  await revoke()
  expect(await figures()).toMatchObject({ measured: 10_000, slowest_seconds: 1 })
})

test('a copy that another institution passed on is nobody’s stop anew', async () => {
  const { figures, revoke } = inbox([[5, { seen: 'new', block: null }]])
  await revoke(1, true)
  expect(await figures()).toMatchObject({ measured: 0, pending: 0 })
})

test('the institution’s answer goes out as it was', async () => {
  const { figures, revoke } = inbox([[0, { seen: 'new', block: 7 }]])
  expect(await revoke()).toEqual({ seen: 'new', block: 7 })
  expect(await inbox([]).figures()).toMatchObject({ measured: 0, median_seconds: null })
  expect((await figures()).measured).toBe(1)
})
