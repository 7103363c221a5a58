/** A study's people behind a custodian that serves what it did not anchor. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { granted, type Scene, scene, THREE_DAYS } from '../../consent/testing/scene.ts'
import { trace } from '../../consent/testing/town.ts'
import type { OpenedPerson, StudyPeople, StudyPlan } from '../../study/index.ts'
import { tinyPlan } from '../../study/testing/round-town.ts'
import {
  type ConsentId,
  formatInstant,
  fromBase64Url,
  IsletError,
  type Json,
  toBase64Url,
} from '../../vocabulary/index.ts'
import { studyPeople } from './study-people.ts'

const RESEARCH = { ...THREE_DAYS, purposes: ['HRESCH'] } as const

describe('the people of a study', () => {
  let s: Scene
  let plan: StudyPlan
  let anna: ConsentId
  /** Answers of the custodian that are still spoilt. */
  let spoilt = 0
  let isHalted = false
  let people: StudyPeople

  beforeAll(async () => {
    s = await scene()
    anna = await granted(s, s.north, RESEARCH)
    const { kinds, features } = tinyPlan().data
    const [from, until] = [formatInstant(THREE_DAYS.from), formatInstant(THREE_DAYS.until)]
    plan = tinyPlan({ data: { kinds, features, from, until } })
    const honest = s.south.open.handle
    Object.assign(s.south.open, {
      handle: async (type: string, body: Json): Promise<Json> => {
        if (isHalted) throw new IsletError('LEDGER_HALTED', 'the ledger takes nothing')
        const answer = await honest(type, body)
        if (type !== 'read' || spoilt === 0) return answer
        spoilt--
        return otherSalts(answer)
      },
    })
  })
  beforeEach(() => {
    people = studyPeople({ id: s.north.id, institution: { reader: s.north.open.reader } }, plan, [])
  })

  const open = (): Promise<OpenedPerson> => people.open(claimOf(anna))
  const claimOf = (id: ConsentId) => {
    const found = s.north.open.reader.grants().find(({ consentId }) => consentId === id)
    if (found === undefined) throw new Error('no such grant')
    return found
  }

  it('are opened while all that their custodian anchored stands under its roots', async () => {
    spoilt = 0
    expect(await open()).toMatchObject({ code: 'OPENED', trace: { id: anna } })
  })

  it('are refused with a code where one chunk opens and is not under its root, and nothing of them is held', async () => {
    spoilt = Number.POSITIVE_INFINITY
    expect(await open()).toEqual({ code: 'NOT_UNDER_ROOT' })
    expect(await open()).toEqual({ code: 'NOT_UNDER_ROOT' })
    spoilt = 0
    expect((await open()).code).toBe('OPENED')
  })

  it('are asked for once more before they are refused: a slot may be anchored while an answer is on its way', async () => {
    spoilt = 1
    expect((await open()).code).toBe('OPENED')
    expect(spoilt).toBe(0)
  })

  it('are refused too where what changed since they were held is not under its root', async () => {
    spoilt = 0
    expect((await open()).code).toBe('OPENED')
    await s.anna.add(trace(THREE_DAYS.from + 60, THREE_DAYS.from + 360))
    await s.south.open.tick(true)
    spoilt = Number.POSITIVE_INFINITY
    expect(await open()).toEqual({ code: 'NOT_UNDER_ROOT' })
  })

  it('are held no longer once asking for them failed, or they are not in the round: all is read anew', async () => {
    spoilt = 0
    const { reader } = s.north.open
    let again = 0
    const readAgain: typeof reader.readAgain = (...asked) => {
      again++
      return reader.readAgain(...asked)
    }
    people = studyPeople({ id: s.north.id, institution: { reader: { ...reader, readAgain } } }, plan, [])
    await open()
    expect((await open()).code).toBe('OPENED')
    expect(again).toBe(1)
    isHalted = true
    await expect(open()).rejects.toThrow()
    isHalted = false
    expect((await open()).code).toBe('OPENED')
    expect(again).toBe(2)
    people.keepOnly([])
    expect((await open()).code).toBe('OPENED')
    expect(again).toBe(2)
  })

  it('are left out by nobody whose ledger stands: the error reaches the site, which waits', async () => {
    spoilt = 0
    isHalted = true
    await expect(open()).rejects.toMatchObject({ code: 'LEDGER_HALTED' })
    isHalted = false
    expect((await open()).code).toBe('OPENED')
  })
})

/** The first chunk's salt is another one: it opens as ever, and its leaf is under no root. */
function otherSalts(answer: Json): Json {
  if (typeof answer !== 'object' || answer === null || !('salts' in answer))
    throw new Error('no answer to a read')
  const { salts } = answer
  if (typeof salts !== 'string') throw new Error('no salts')
  const bytes = fromBase64Url(salts)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return { ...answer, salts: toBase64Url(bytes) }
}
