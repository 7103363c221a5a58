/** What the check of the ledger says when an engine, or a contract, does not keep the rules. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JournalGenesis, readJournal } from '../journal/index.ts'
import { openEmbedded } from '../ledger/embedded.door.ts'
import {
  CHANGE_KINDS,
  consentLedgerBytecode,
  contractCall,
  type Deployment,
  deployContracts,
  secp256k1Signer,
  signGrant,
} from '../ledger/index.ts'
import {
  type Address,
  type Hash32,
  type Hex,
  hash32,
  institutionId,
  quantity,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { RawEvent } from './abi-words.ts'
import { LedgerCheck } from './check-ledger.ts'
import { type FindingCode, Findings } from './finding.ts'
import { type ReplayedBlock, replay } from './replay.ts'
import { seedOf } from './testing/consortium.ts'

const signer = (name: string) => secp256k1Signer(seedOf(`check ${name}`))
const hash = (name: string): Hash32 => hash32(toHex(seedOf(`check hash ${name}`)))
const START = 1_788_220_800
const members = ['a', 'b', 'c']

let directory: string
let deployment: Deployment
let otherCode: Address
let genesis: JournalGenesis
const blocks: ReplayedBlock[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-check-'))
  const clock = (): UnixSeconds => quantity<UnixSeconds>(START)
  const ledger = await openEmbedded({ directory, operator: signer('a'), clock })
  deployment = await deployContracts(ledger, {
    by: signer('a'),
    threshold: 2,
    founders: members.map((name) => ({
      id: institutionId(hash(name)),
      ledgerKey: signer(name).address,
      messageKey: hash(`message ${name}`),
      hpkeKeyHash: hash('hpke'),
      roles: 1,
    })),
  })
  let keys = 0
  const send = (data: Hex, to: Address | null, gas: number, by: string) =>
    ledger.submit({ to, data, gas }, { by: signer(by), keys: [hash(`key ${keys++}`)] })
  const call = ({ to, data, gas }: ReturnType<typeof contractCall>, by: string) => send(data, to, gas, by)
  // The same contract but for one byte of its metadata: it does all that ours does.
  const changed = `${consentLedgerBytecode.slice(0, -8)}00000000`
  const argument = deployment.membership.slice(2).padStart(64, '0')
  const created = await send(`${changed}${argument}` as Hex, null, 8_000_000, 'a')
  if (created.created === null) throw new Error('the other contract was not created')
  otherCode = created.created
  const domain = { chainId: ledger.chainId, consents: deployment.consents }
  const intent = signGrant(domain, signer('consent'), {
    commitment: hash('commitment'),
    expiryDay: 42_000,
    nonce: 0n,
    deadline: BigInt(START + 60),
  })
  const { signature } = intent
  const split = {
    r: signature.slice(0, 66) as Hex,
    s: `0x${signature.slice(66, 130)}` as Hex,
    v: Number.parseInt(signature.slice(130), 16) + 27,
  }
  await call(contractCall(deployment, 'consents', 'grantBatch', [[{ ...intent, ...split }]]), 'a')
  await call(contractCall(deployment, 'consents', 'requestAccess', [hash('request')]), 'c')
  const item = {
    stream: 0,
    corrects: 0n,
    root: hash('root'),
    count: 16n,
    previous: hash32(`0x${'00'.repeat(32)}`),
  }
  await call(contractCall(deployment, 'anchors', 'anchor', [{ ...item, slot: 5n }]), 'c')
  const change = {
    kind: CHANGE_KINDS.indexOf('SUSPEND'),
    member: {
      id: hash('c'),
      ledgerKey: signer('c').address,
      messageKey: hash('x'),
      hpkeKeyHash: hash('x'),
      roles: 0,
    },
    threshold: 0,
    nonce: 0n,
    deadline: BigInt(START + 60),
  }
  await call(contractCall(deployment, 'membership', 'vote', [change]), 'a')
  await call(contractCall(deployment, 'membership', 'vote', [change]), 'b')
  await call(contractCall(deployment, 'consents', 'requestAccess', [hash('late')]), 'c')
  await ledger.close()
  const journal = new Uint8Array(await readFile(join(directory, 'journal')))
  const opened = readJournal(journal)
  if (opened === undefined) throw new Error('no journal')
  genesis = opened.genesis
  await replay(journal, genesis, (block) => blocks.push(block))
})
afterAll(() => rm(directory, { recursive: true }))

function codesOf(replayed: readonly ReplayedBlock[], at: Deployment = deployment): readonly FindingCode[] {
  const findings = new Findings()
  const check = new LedgerCheck(at, genesis, findings)
  for (const block of replayed) check.block(block)
  check.finish()
  return [...new Set(findings.list.map(({ code }) => code))].toSorted()
}

/** Events of the whole chain by the name of what they say, to be played again where they do not belong. */
function eventOf(contract: keyof Deployment, nth: number): RawEvent {
  const all = blocks.flatMap(({ transactions }) => transactions.flatMap(({ events }) => events))
  const event = all.filter(({ address }) => address === deployment[contract])[nth]
  if (event === undefined) throw new Error('no such event')
  return event
}

/** The last block, with other events than the engine gave. */
function ending(events: readonly RawEvent[]): readonly ReplayedBlock[] {
  const last = blocks.at(-1)
  if (last === undefined) throw new Error('no block')
  return [
    ...blocks.slice(0, -1),
    { ...last, transactions: last.transactions.map((one) => ({ ...one, succeeded: true, events })) },
  ]
}

describe('the check of the ledger', () => {
  it('finds nothing in what the committed contracts did, a refused call of a suspended member included', () => {
    expect(blocks.at(-1)?.transactions[0]?.succeeded).toBe(false)
    expect(codesOf(blocks)).toEqual([])
  })

  it('finds a contract of other code, even one that does the same', () => {
    expect(codesOf(blocks, { ...deployment, consents: otherCode })).toContain('CONTRACT_CODE_DIFFERS')
    expect(codesOf(blocks.slice(1))).toContain('CONTRACT_CODE_DIFFERS')
  })

  it.each<{ why: string; codes: readonly FindingCode[]; events: () => readonly RawEvent[] }>([
    { why: 'a call that had to be refused went through', codes: ['MODEL_DIFFERS'], events: () => [] },
    {
      why: 'a suspended member acted',
      codes: ['ACTED_WHILE_SUSPENDED', 'MODEL_DIFFERS'],
      events: () => [eventOf('consents', 1)],
    },
    {
      why: 'a consent came back',
      codes: ['CONSENT_REVIVED', 'MODEL_DIFFERS'],
      events: () => [eventOf('consents', 0)],
    },
    {
      why: 'a slot was anchored twice, by a suspended member',
      codes: ['ACTED_WHILE_SUSPENDED', 'MODEL_DIFFERS', 'SLOT_OUT_OF_ORDER'],
      events: () => [eventOf('anchors', 0)],
    },
    {
      why: 'a count was not padded',
      codes: ['ACTED_WHILE_SUSPENDED', 'COUNT_NOT_PADDED', 'MODEL_DIFFERS'],
      events: () => {
        const event = eventOf('anchors', 0)
        const [topic, institution, stream] = event.topics
        if (topic === undefined || institution === undefined || stream === undefined)
          throw new Error('no topics')
        const slot = hash32(`0x${'00'.repeat(31)}63`)
        const data = `${event.data.slice(0, 66)}${(17).toString(16).padStart(64, '0')}${event.data.slice(130)}`
        return [{ ...event, topics: [topic, institution, stream, slot], data }]
      },
    },
    {
      why: 'an event has lost its data',
      codes: ['MODEL_DIFFERS'],
      events: () => [{ ...eventOf('anchors', 0), data: '0x' }],
    },
  ])('finds that $why', ({ codes, events }) => {
    expect(codesOf(ending(events()))).toEqual(codes)
  })

  it('finds a grant that the rules would have accepted and the engine refused', () => {
    const refused = blocks.map((block) => ({
      ...block,
      transactions: block.transactions.map((one) =>
        one.events.some(({ address }) => address === deployment.consents)
          ? { ...one, succeeded: false, gasUsed: 30_000, events: [] }
          : one,
      ),
    }))
    expect(codesOf(refused)).toContain('MODEL_DIFFERS')
  })

  it('follows no call through a foreign contract, and says so', () => {
    const event = eventOf('consents', 0)
    const foreign = blocks.map((block, i) =>
      i === 3
        ? { ...block, transactions: block.transactions.map((one) => ({ ...one, events: [event] })) }
        : block,
    )
    expect(codesOf(foreign)).toContain('CALL_NOT_FOLLOWED')
  })
})
