import { describe, expect, it } from 'vitest'
import type { HealthRecord } from '../series/index.ts'
import { cidOf, hpkeSeal } from '../vault/index.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { fromBase64Url, hoursInside, KINDS, type Kind, toBase64Url, utf8 } from '../vocabulary/index.ts'
import { judgeDeposit } from './deposit.ts'
import { asJson, sign } from './document.ts'
import { orderBase } from './holder.ts'
import type { Ask } from './reader-agent.ts'
import { askOf, at, DAY, HOUR, START, town, trace } from './testing/town.ts'
import { DEPOSIT_INFO } from './writer-agent.ts'

const window = hoursInside(at(START), at(START + DAY))
const time = { at: START + 60, local: START + 7260 }
const SOUND: readonly object[] = [
  { ...time, type: 'glucose', value: 5.5, unit: 'mmol/L', method: 'cgm' },
  { ...time, type: 'glucose', value: 39, unit: 'mg/dL', method: 'scan', text: 'low', tick: 12.5, device: 0 },
  { ...time, type: 'insulin', units: 2.5, delivery: 'bolus', seconds: 900 },
  { ...time, type: 'meal', carbs: 40 },
  { ...time, type: 'activity', seconds: 1800, intensity: 'light' },
  { ...time, type: 'laboratory', code: '4548-4', value: 6.9, unit: '%' },
  { ...time, type: 'note', text: 'tired' },
  { ...time, at: time.at + 0.25, type: 'device', event: 'sensor start' },
]
const GLUCOSE = SOUND[0] ?? {}

function judged(text: string, kinds: readonly Kind[] = KINDS) {
  return judgeDeposit(utf8(text), { kinds, window })
}

describe('a deposit', () => {
  it('of every type of record is taken as it is', () => {
    expect(judged(JSON.stringify(SOUND))).toEqual({ records: SOUND, refused: 0 })
  })

  it('loses every record that has not the closed form of its type, and keeps the others', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['an unknown type', JSON.stringify({ ...time, type: 'genome', value: 1 })],
      ['a name of every object', JSON.stringify({ ...time, type: 'constructor' })],
      ['a member more', JSON.stringify({ ...GLUCOSE, patient: 'Anna' })],
      ['a member of another type', JSON.stringify({ ...GLUCOSE, carbs: 3 })],
      ['a prototype', `{"__proto__":{},${JSON.stringify(GLUCOSE).slice(1)}`],
      ['a member less', JSON.stringify({ ...GLUCOSE, unit: undefined })],
      ['no local clock', JSON.stringify({ ...GLUCOSE, local: undefined })],
      ['another unit', JSON.stringify({ ...GLUCOSE, unit: 'g/L' })],
      ['a value in words', JSON.stringify({ ...GLUCOSE, value: '5.5' })],
      ['a negative value', JSON.stringify({ ...GLUCOSE, value: -1 })],
      ['NaN, which JSON spells null', JSON.stringify({ ...GLUCOSE, at: Number.NaN })],
      ['an infinite value', JSON.stringify(GLUCOSE).replace('5.5', '1e999')],
      ['an infinite instant', JSON.stringify(GLUCOSE).replace(`"at":${time.at}`, '"at":1e999')],
      ['an instant before 1900', JSON.stringify({ ...GLUCOSE, at: -2_208_988_801 })],
      ['an instant after 2139', JSON.stringify({ ...GLUCOSE, at: 5_400_000_000 })],
      ['the second before the window', JSON.stringify({ ...GLUCOSE, at: START - 1 })],
      ['the second after the window', JSON.stringify({ ...GLUCOSE, at: START + DAY })],
      ['a list', '[]'],
      ['nothing', 'null'],
    ]
    for (const [what, text] of cases) {
      expect(judged(`[${text},${JSON.stringify(GLUCOSE)}]`), what).toEqual({ records: [GLUCOSE], refused: 1 })
    }
  })

  it('loses every record of a kind that the grant does not hold', () => {
    const { records, refused } = judged(JSON.stringify(SOUND), ['meals'])
    expect(records.map((record: HealthRecord) => record.type)).toEqual(['meal', 'activity'])
    expect(refused).toBe(SOUND.length - 2)
  })

  it('that is no list of records counts as one refused', () => {
    for (const text of ['', '{', '{}', '"x"', 'null']) {
      expect(judged(text), text).toEqual({ records: [], refused: 1 })
    }
    const notUtf8 = judgeDeposit(Uint8Array.of(0xff, 0xfe), { kinds: KINDS, window })
    expect(notUtf8).toEqual({ records: [], refused: 1 })
  })

  it('that is malformed keeps no other waiting, and the patient has a count of what was refused', async () => {
    const { anna, leave, sealedText, handOver } = await writing()
    const sound = trace(START, START + HOUR)
    await leave(utf8('sealed to nobody'))
    await leave(await sealedText('{"not":"a list"'))
    await leave(await sealedText(JSON.stringify([null, { type: 'glucose' }, ...trace(START - HOUR, START)])))
    await leave(await sealedText(JSON.stringify([...sound, { ...time, type: 'note', text: 'not asked' }])))
    expect(await anna.collect()).toMatchObject({ takenIn: sound.length, refused: 1 + 1 + 14 + 1 })
    expect(anna.memory.now.refused).toBe(17)
    expect(await anna.collect()).toMatchObject({ takenIn: 0, refused: 0 })
    // What was left just before the stop waits there, and the patient's own side drops it.
    await leave(await sealedText(JSON.stringify(trace(START + HOUR, START + 2 * HOUR))))
    await anna.revoke(handOver.consentId)
    expect(await anna.collect()).toMatchObject({ takenIn: 0, refused: 1 })
  })

  it.each([
    {
      why: 'stopped',
      code: 'CONSENT_REVOKED',
      spoil: ({ anna, handOver }) => anna.revoke(handOver.consentId),
    },
    { why: 'past its expiry', code: 'CONSENT_EXPIRED', spoil: ({ place }) => (place.now += 30 * DAY) },
    { why: 'suspended', code: 'READER_SUSPENDED', spoil: ({ place, east }) => place.chain.suspend(east.id) },
    { why: 'only a reader', code: 'ACTION_NOT_GRANTED', actions: ['read'] },
    { why: 'somebody else', code: 'READER_MISMATCH', by: 'North Hospital' },
  ] satisfies Case[])(
    'of a writer who is $why is refused by the custodian and never reaches the patient',
    async ({ code, spoil, actions, by }: Case) => {
      const scene = await writing(actions)
      await spoil?.(scene)
      const sealed = await scene.sealedText(JSON.stringify(trace(START, START + HOUR)))
      await expect(scene.leave(sealed, by)).rejects.toMatchObject({ code })
      expect(await scene.anna.collect()).toMatchObject({ takenIn: 0, refused: 0 })
    },
  )

  it('is refused by the custodian as long as the ledger gives no answer', async () => {
    const { place, leave, sealedText } = await writing()
    place.chain.unreachable = true
    await expect(leave(await sealedText('[]'))).rejects.toMatchObject({ code: 'LEDGER_UNREADABLE' })
  })
})

type Scene = Awaited<ReturnType<typeof writing>>
interface Case {
  readonly why: string
  readonly code: string
  readonly spoil?: (scene: Scene) => unknown
  readonly actions?: Ask['actions']
  readonly by?: string
}

/** Anna lets East Lab write a day of glucose; what it leaves passes as the messages do. */
async function writing(actions: Ask['actions'] = ['write']) {
  const place = town()
  const south = await place.house('South Hospital')
  const east = await place.house('East Lab')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  const mailbox = await anna.openMailbox('East Lab')
  const ask = askOf(east, {
    from: at(START),
    until: at(START + DAY),
    actions,
    subject: { type: 'institution' },
  })
  await east.open.reader.ask({ custodian: south.id, mailbox }, ask, east.chain)
  const [pending] = (await anna.collect()).requests
  if (pending === undefined) throw new Error('no request arrived')
  const { handOver } = await anna.grant(pending.request, {}, { requestId: pending.id })
  const leave = async (sealed: Uint8Array, by = 'East Lab') => {
    const ports = { crypto: nodeCrypto, clock: () => at(place.now) }
    const object = cidOf(nodeCrypto.hasher, sealed)
    const body = { ...orderBase(ports, south.id), consentId: handOver.consentId, object }
    const order = sign('islet.inbox-deposit/1', body, (await place.house(by)).keys.message)
    await place.send(south.id, 'inbox-deposit', { order: asJson(order), sealed: toBase64Url(sealed) })
  }
  const { inboxKey } = handOver.ownership.body
  const sealedText = (text: string) => hpkeSeal(fromBase64Url(inboxKey), DEPOSIT_INFO, utf8(text))
  return { place, east, anna, handOver, leave, sealedText }
}
