/** The independent model against the real contracts: odd calls by the hundred, and every outcome foretold. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJournal } from '../../journal/index.ts'
import { openEmbedded } from '../../ledger/embedded.door.ts'
import {
  type Call,
  contractCall,
  type Deployment,
  deployContracts,
  type Ledger,
  readContract,
  type Signer,
  secp256k1Signer,
  signGrant,
  signRevoke,
} from '../../ledger/index.ts'
import {
  type Hash32,
  hash32,
  institutionId,
  quantity,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { LedgerCheck } from '../check-ledger.ts'
import { Findings } from '../finding.ts'
import { replay } from '../replay.ts'
import { seedOf } from '../testing/consortium.ts'

const START = 1_788_220_800
const members = ['a', 'b', 'c', 'd']
const signer = (name: string): Signer => secp256k1Signer(seedOf(`model ${name}`))
const hash = (name: string): Hash32 => hash32(toHex(seedOf(`model hash ${name}`)))
const idOf = (name: string) => institutionId(hash(`institution ${name}`))
const splitOf = (signature: string) => ({
  r: hash32(signature.slice(0, 66)),
  s: hash32(`0x${signature.slice(66, 130)}`),
  v: Number.parseInt(signature.slice(130, 132), 16) + 27,
})

/** What one step does, drawn from few values so that steps meet. */
const step = fc.record({
  kind: fc.constantFrom(
    'grant',
    'batch',
    'revoke',
    'direct',
    'request',
    'anchor',
    'slot',
    'vote',
    'vote',
    'execute',
    'rotate',
    'wait',
  ),
  by: fc.constantFrom(...members, 'stranger', 'spare'),
  who: fc.constantFrom(...members, 'new'),
  small: fc.integer({ min: 0, max: 3 }),
  broken: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  change: fc.integer({ min: 0, max: 5 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Suspended, taken back, and with keys of a new term: two votes that meet are rare by chance. */
const plain = { who: 'd', small: 0, broken: false }
const PRELUDE: readonly Step[] = [
  ...['a', 'b'].map((by) => ({ ...plain, by, kind: 'vote' as const, change: 1 })),
  { ...plain, by: 'd', kind: 'request' as const, change: 0 },
  ...['a', 'b'].map((by) => ({ ...plain, by, kind: 'vote' as const, change: 2 })),
  { ...plain, by: 'd', small: 1, kind: 'rotate' as const, change: 0 },
  { ...plain, by: 'd', small: 2, broken: true, kind: 'anchor' as const, change: 0 },
]

async function callOf(taken: Step, now: number, ledger: Ledger, deployment: Deployment): Promise<Call> {
  const { kind, small, broken, who, by, change } = taken
  const domain = { chainId: ledger.chainId, consents: deployment.consents }
  const owner = signer(`consent ${small}`)
  const commitment = hash(`commitment ${broken ? 'other' : small}`)
  const deadline = BigInt(now + (broken && small > 1 ? -1 : 1000))
  const expiryDay = Math.floor(now / 86_400) + (small === 3 ? 0 : 3)
  switch (kind) {
    case 'grant':
      return contractCall(deployment, 'consents', 'grant', [commitment, expiryDay])
    case 'batch': {
      const intents = [small, (small + 1) % 4].map((n) => {
        const intent = signGrant(domain, signer(`consent ${n}`), {
          commitment,
          expiryDay,
          nonce: 0n,
          deadline,
        })
        const signed = broken && small === 1 ? { ...intent, expiryDay: intent.expiryDay + 1 } : intent
        return { ...signed, ...splitOf(signed.signature) }
      })
      return contractCall(deployment, 'consents', 'grantBatch', [intents])
    }
    case 'revoke': {
      const intent = signRevoke(domain, owner, { commitment, nonce: 1n, deadline })
      return contractCall(deployment, 'consents', 'revoke', [
        { ...intent, ...splitOf(intent.signature), nonce: broken && small === 1 ? 2n : 1n },
      ])
    }
    case 'direct':
      return contractCall(deployment, 'consents', 'revokeDirect', [commitment])
    case 'request':
      return contractCall(deployment, 'consents', 'requestAccess', [commitment])
    case 'anchor': {
      const own = await readContract(ledger, deployment, 'membership', 'memberOf', [signer(by).address])
      const head = await readContract(ledger, deployment, 'anchors', 'headOf', [own.value, small % 2])
      const slot = BigInt(Math.floor(now / 60)) + (broken && small !== 2 ? 1n : 0n)
      const item = {
        stream: small % 2,
        slot,
        corrects: small === 2 ? slot - (broken ? 0n : 1n) : 0n,
        root: hash('root'),
        count: small === 3 ? 5n : 16n,
        previous: broken && small === 0 ? hash('no head') : head.value,
      }
      return contractCall(deployment, 'anchors', small === 1 ? 'anchorBatch' : 'anchor', [
        small === 1 ? [item, { ...item, slot: slot + 1n }] : item,
      ] as never)
    }
    case 'slot': {
      const own = await readContract(ledger, deployment, 'membership', 'memberOf', [signer(by).address])
      const heads = [0, 1].map((stream) =>
        readContract(ledger, deployment, 'anchors', 'headOf', [own.value, stream]),
      )
      const [objects, log] = (await Promise.all(heads)).map(({ value }) => value)
      if (objects === undefined || log === undefined) throw new Error('no heads')
      const slot = BigInt(Math.floor(now / 60)) + (broken && small !== 2 ? 1n : 0n)
      const item = {
        extent: (slot << 128n) | ((small === 3 ? 5n : 16n) << 64n) | BigInt(now),
        root: hash('root'),
        previous: objects,
        logRoot: hash('log'),
        logPrevious: broken && small === 2 ? objects : log,
      }
      return contractCall(deployment, 'anchors', 'anchorSlot', [item])
    }
    case 'rotate':
      return contractCall(deployment, 'membership', 'rotateOwnKeys', [
        broken ? signer('a').address : signer(by).address,
        small === 0 ? hash('message a') : hash(`message ${by} ${small}`),
        hash(`hpke ${small}`),
      ])
    case 'vote':
    case 'execute': {
      const item = {
        kind: change,
        member: {
          id: idOf(who),
          ledgerKey: broken ? signer('a').address : signer(change === 0 ? 'spare' : who).address,
          messageKey: hash(`message ${who}${change === 3 ? ` ${small}` : ''}`),
          hpkeKeyHash: hash(`hpke ${who}`),
          roles: broken ? 0 : 1,
        },
        threshold: small,
        nonce: BigInt(small % 2),
        // One deadline for a whole run, so that votes of several members meet.
        deadline: BigInt(START + 86_400 * (broken && small === 2 ? 40 : 20)),
      }
      return contractCall(deployment, 'membership', kind, [item])
    }
    default:
      return contractCall(deployment, 'consents', 'requestAccess', [hash(`wait ${now}`)])
  }
}

describe('the model of the contracts', () => {
  it('foretells every outcome and every event of whatever anybody sends', async () => {
    let outcomes = { success: 0, reverted: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 120, maxLength: 120 }), async (steps) => {
        const directory = await mkdtemp(join(tmpdir(), 'islet-model-'))
        let now = START
        const clock = (): UnixSeconds => quantity<UnixSeconds>(now)
        const ledger = await openEmbedded({ directory, operator: signer('operator'), clock })
        try {
          const deployment = await deployContracts(ledger, {
            by: signer('operator'),
            threshold: 2,
            founders: members.map((name) => ({
              id: idOf(name),
              ledgerKey: signer(name).address,
              messageKey: hash(`message ${name}`),
              hpkeKeyHash: hash(`hpke ${name}`),
              roles: 1,
            })),
          })
          for (const [i, taken] of [...PRELUDE, ...steps].entries()) {
            if (taken.kind === 'wait') now += taken.small * 43_200
            else now += 30
            const call = await callOf(taken, now, ledger, deployment)
            const { status } = await ledger.submit(call, { by: signer(taken.by), keys: [hash(`step ${i}`)] })
            outcomes = { ...outcomes, [status]: outcomes[status] + 1 }
          }
          const findings = new Findings()
          const { genesis, blocks } = await journalOf(directory)
          expect(blocks).toBeGreaterThan(100)
          const check = new LedgerCheck(deployment, genesis, findings)
          const end = await replay(await readFile(join(directory, 'journal')), genesis, (block) =>
            check.block(block),
          )
          check.finish()
          expect(end.differsAt).toBeUndefined()
          expect(findings.list).toEqual([])
          expect(check.transactions).toBeGreaterThan(120)
        } finally {
          await ledger.close()
          await rm(directory, { recursive: true })
        }
      }),
      { numRuns: 2 },
    )
    // The steps would prove little if they were all refused, or all allowed.
    expect(outcomes.success).toBeGreaterThan(30)
    expect(outcomes.reverted).toBeGreaterThan(30)
  })
})

async function journalOf(directory: string) {
  const opened = readJournal(new Uint8Array(await readFile(join(directory, 'journal'))))
  if (opened === undefined) throw new Error('no journal')
  return { genesis: opened.genesis, blocks: [...opened.entries].length }
}
