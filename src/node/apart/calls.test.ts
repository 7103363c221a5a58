import { expect, test } from 'vitest'
import { IsletError } from '../../vocabulary/index.ts'
import { Asking, answered, type Question } from './calls.ts'

const verbs = {
  double: async (value: number) => value * 2,
  refuse: async () => {
    throw new IsletError('CONSENT_REVOKED', 'the consent is revoked', { block: 7 }, { remedy: 'ask again' })
  },
  break: async () => {
    throw new Error('glucose was 3.1')
  },
}

function pair() {
  const reports: unknown[] = []
  const asking = new Asking((question) => {
    const { call, verb, values } = question as unknown as Question
    void answered(verbs, { call, verb, values }, (error) => reports.push(error)).then((answer) =>
      asking.take(structuredClone(answer)),
    )
  })
  return { asking, reports }
}

test('answers come back to who asked, whatever their order', async () => {
  const { asking } = pair()
  expect(await Promise.all([1, 2, 3].map((value) => asking.ask('double', [value])))).toEqual([2, 4, 6])
})

test('a refusal crosses with code, facts and remedy', async () => {
  await expect(pair().asking.ask('refuse', [])).rejects.toMatchObject({
    code: 'CONSENT_REVOKED',
    facts: { block: 7 },
    remedy: 'ask again',
  })
})

test('of an unexpected error nothing crosses that it says', async () => {
  const { asking, reports } = pair()
  const refused = await asking.ask('break', []).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'UNEXPECTED' })
  expect(String(refused)).not.toContain('3.1')
  expect(reports.length).toBe(1)
})

test.each(['unheard', 'toString', '__proto__'])('there is no command named %s', async (verb) => {
  await expect(pair().asking.ask(verb, [])).rejects.toMatchObject({ code: 'VERB_UNKNOWN' })
})

test('when the other side is gone, who waits hears it, and who asks later too', async () => {
  const asking = new Asking(() => undefined)
  const waiting = asking.ask('double', [1])
  asking.end()
  await expect(waiting).rejects.toMatchObject({ code: 'INSTITUTION_GONE' })
  await expect(asking.ask('double', [1])).rejects.toMatchObject({ code: 'INSTITUTION_GONE' })
})
