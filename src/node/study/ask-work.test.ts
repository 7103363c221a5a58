import { expect, test } from 'vitest'
import { founderOf, hashOf } from '../../ledger/testing/fixtures.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { institutionAsk } from '../institution/wire.ts'
import { type AskWorkOptions, askWork } from './ask-work.ts'

const study = hashOf('study')
const site = founderOf('site').id
const DONE = { rounds: [], result: null }

/** Asks somebody who answers so, question after question; the last answer again and again. */
function asking(answers: readonly (() => Promise<unknown>)[], options: AskWorkOptions = {}) {
  let asked = 0
  const ask = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)]
    asked += 1
    return answer?.()
  }
  return {
    audit: () => askWork(ask as ReturnType<typeof institutionAsk>, options).audit(site, study),
    asked: () => asked,
  }
}
const underWay = async () => ({ audit: null })
const refusing = (code: string) => async () => {
  throw new IsletError(code, 'refused')
}
const mute = () => new Promise(() => {})

test('a site is asked again until it says what came of it', async () => {
  const { audit, asked } = asking([underWay, underWay, async () => ({ audit: DONE })], { limitMs: 50 })
  expect(await audit()).toEqual(DONE)
  expect(asked()).toBe(3)
})

test('a site that holds the line and says nothing is left after its silence', async () => {
  const { audit, asked } = asking([mute], { limitMs: 5, silenceMs: 0 })
  await expect(audit()).rejects.toMatchObject({ code: 'PEER_TOO_SLOW' })
  expect(asked()).toBe(1)
})

test('a site that is never done is left at the deadline', async () => {
  const { audit } = asking([underWay], { limitMs: 50, deadlineMs: 0 })
  await expect(audit()).rejects.toMatchObject({ code: 'PEER_TOO_SLOW' })
})

test('an answer that was missed costs another question, a refusal ends it', async () => {
  const missed = asking([refusing('PEER_UNREACHABLE'), async () => ({ audit: DONE })], { limitMs: 50 })
  expect(await missed.audit()).toEqual(DONE)
  const refused = asking([refusing('NOT_A_SITE')])
  await expect(refused.audit()).rejects.toMatchObject({ code: 'NOT_A_SITE' })
  expect(refused.asked()).toBe(1)
})
