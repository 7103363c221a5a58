import { expect, it } from 'vitest'
import type { SitePorts } from '../../study/index.ts'
import type { Hash32 } from '../../vocabulary/index.ts'
import { actTogether } from './act-together.ts'

type Acts = SitePorts['acts']
const STUDY = `0x${'5'.repeat(64)}` as Hash32
const NEVER = 2 ** 30

/** Acts that note who acted, and resolve when they are let go. */
function noted() {
  const sent: string[] = []
  const acts = (name: string): Acts =>
    ({
      attest: async () => {
        sent.push(name)
        return { height: 1 }
      },
      openRound: async () => {
        sent.push(`${name} opens`)
        return { height: 1 }
      },
    }) as unknown as Acts
  return { sent, acts }
}

const turns = () => new Promise((resolve) => setImmediate(resolve))

it('acts of one turn go out when the last site that prepares one is ready, or is done without', async () => {
  const { sent, acts } = noted()
  const takeSeat = actTogether(NEVER)
  const [first, second, third] = [takeSeat(), takeSeat(), takeSeat()]
  let prepare = (): void => undefined
  let rest = (): void => undefined
  const all = [
    first.step(() => first.acts(acts('first')).attest(STUDY, 1, STUDY, STUDY)),
    second.step(async () => {
      await new Promise<void>((resolve) => {
        prepare = resolve
      })
      return second.acts(acts('second')).attest(STUDY, 1, STUDY, STUDY)
    }),
    third.step(
      () =>
        new Promise<void>((resolve) => {
          rest = resolve
        }),
    ),
  ]
  await turns()
  expect(sent).toEqual([])
  prepare()
  await turns()
  expect(sent).toEqual([])
  rest()
  await Promise.all(all)
  expect(sent).toEqual(['first', 'second'])
})

it('a site that fails holds nobody up, and hears of its own failure', async () => {
  const { sent, acts } = noted()
  const takeSeat = actTogether(NEVER)
  const [first, second] = [takeSeat(), takeSeat()]
  const waits = first.step(() => first.acts(acts('first')).attest(STUDY, 1, STUDY, STUDY))
  const fails = second.step(() => Promise.reject(new Error('no disk')))
  await expect(fails).rejects.toThrow('no disk')
  await waits
  expect(sent).toEqual(['first'])
})

it('no act waits longer than it may for a site that takes its time', async () => {
  const { sent, acts } = noted()
  const takeSeat = actTogether(1)
  const [first, second] = [takeSeat(), takeSeat()]
  let end = (): void => undefined
  const slow = second.step(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  await first.step(() => first.acts(acts('first')).attest(STUDY, 1, STUDY, STUDY))
  expect(sent).toEqual(['first'])
  end()
  await slow
})

it('outside a turn, and for acts that are no site’s of a round, nothing waits', async () => {
  const { sent, acts } = noted()
  const takeSeat = actTogether(NEVER)
  const [first, second] = [takeSeat(), takeSeat()]
  let end = (): void => undefined
  const slow = second.step(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
  )
  await first.acts(acts('first')).attest(STUDY, 1, STUDY, STUDY)
  await first.step(() => first.acts(acts('first')).openRound(STUDY, 1, 0))
  expect(sent).toEqual(['first', 'first opens'])
  end()
  await slow
})
