/**
 * Grants and what they are measured beside, on whatever engine stands behind the port.
 *
 * "A grant" is one signed intent whose signature node and contract have both verified (PROTOCOL 11). Intents are signed
 * before the clock starts; transactions are signed inside. A ratio is the median of the ratios within each round, whose
 * parts go to and fro, so that a machine that grows busier or calmer favours none of them.
 */
import { createHash } from 'node:crypto'
import {
  contractCall,
  type Deployment,
  type Founder,
  type GrantIntent,
  type Ledger,
  type Receipt,
  Relay,
  type RevokeIntent,
  type Signer,
  secp256k1Signer,
  signGrant,
  signRevoke,
} from '../../src/ledger/index.ts'
import { type Hash32, hash32, institutionId, toHex } from '../../src/vocabulary/index.ts'
import { median } from './rows.ts'

/** Under way at once, as a busy node has them. */
const IN_FLIGHT = 500
/** Grants of one transaction. */
export const BATCH_ITEMS = 50

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
export const hashOf = (text: string): Hash32 => hash32(toHex(digest(text)))
export const signerOf = (text: string): Signer => secp256k1Signer(digest(`bench ${text}`))

export interface Bench {
  readonly ledger: Ledger
  readonly deployment: Deployment
  /** Each is one lane to the ledger. */
  readonly members: readonly Signer[]
}

/** So many founders, with the keys they send with. */
export function founders(count: number): readonly { readonly signer: Signer; readonly founder: Founder }[] {
  return Array.from({ length: count }, (_, i) => {
    const signer = signerOf(`member ${i}`)
    return {
      signer,
      founder: {
        id: institutionId(hashOf(`institution ${i}`)),
        ledgerKey: signer.address,
        messageKey: hashOf(`message ${i}`),
        hpkeKeyHash: hashOf(`hpke ${i}`),
        roles: 1,
      },
    }
  })
}

let made = 0

/** A person's grant, and what takes it back. */
export interface Given {
  readonly grant: GrantIntent
  readonly revoke: RevokeIntent
}

/** So many people, each with an intent of its own. */
export function people({ ledger, deployment }: Bench, count: number): readonly Given[] {
  const domain = { chainId: ledger.chainId, consents: deployment.consents }
  return Array.from({ length: count }, () => {
    made += 1
    const by = signerOf(`patient ${made}`)
    const words = { commitment: hashOf(`c ${made}`), nonce: 0n, deadline: 3_600_000_000n }
    return {
      grant: signGrant(domain, by, { ...words, expiryDay: 42_000 }),
      revoke: signRevoke(domain, by, words),
    }
  })
}

/** Grant intents of so many people. */
export function intents(bench: Bench, count: number): readonly GrantIntent[] {
  return people(bench, count).map(({ grant }) => grant)
}

/** A relay of each member. */
export function relays({ ledger, deployment, members }: Bench, batchItems: number): readonly Relay[] {
  return members.map((by) => new Relay({ ledger, deployment, by, batchItems }))
}

/** Grants one and throws where it was not granted. */
export async function grantOne(
  through: readonly Relay[],
  intent: GrantIntent | undefined,
  i: number,
): Promise<void> {
  const outcome = intent === undefined ? undefined : await through[i % through.length]?.grant(intent)
  if (outcome?.code !== 'GRANTED') throw new Error(`a grant was not granted: ${outcome?.code}`)
}

/** An access request: one slot written, no intent. */
export function requestOne(
  { ledger, deployment, members }: Bench,
  name: string,
  i: number,
): Promise<Receipt> {
  const commitment = hashOf(`request ${name}`)
  const call = contractCall(deployment, 'consents', 'requestAccess', [commitment])
  return ledger.submit(call, { by: members[i % members.length] ?? signerOf('member 0'), keys: [commitment] })
}

/** Items a second with a bounded number under way. */
export async function rate(
  count: number,
  work: (i: number) => Promise<unknown>,
  underWay = IN_FLIGHT,
): Promise<number> {
  const started = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(underWay, count) }, async () => {
      for (let i = next++; i < count; i = next++) await work(i)
    }),
  )
  return count / ((performance.now() - started) / 1000)
}

export interface Rates {
  /** A second each: medians of the rounds. */
  readonly transfers: number
  readonly requests: number
  readonly singles: number
  readonly batched: number
  /** To plain transfers, the median of the rounds' ratios. */
  readonly requestsRatio: number
  readonly singlesRatio: number
}

/** Plain transfers, access requests and single grants in rounds, then batched grants at a stretch. */
export async function rates(
  bench: Bench,
  size: {
    readonly rounds: number
    readonly perRound: number
    readonly batched: number
    /** Grants under way at once while they are batched. */
    readonly batchedUnderWay?: number
  },
): Promise<Rates> {
  const { ledger, members } = bench
  const member = (i: number): Signer => members[i % members.length] ?? signerOf('member 0')
  const single = relays(bench, 1)
  const [transfers, requests, singles]: [number[], number[], number[]] = [[], [], []]
  const to = signerOf('nobody').address
  for (let round = 0; round < size.rounds; round++) {
    const signed = intents(bench, size.perRound)
    const parts = [
      async () => {
        const transfer = { to, data: '0x', gas: 21_000 } as const
        transfers.push(await rate(size.perRound, (i) => ledger.submit(transfer, { by: member(i), keys: [] })))
      },
      async () => {
        singles.push(await rate(size.perRound, (i) => grantOne(single, signed[i], i)))
      },
      async () => {
        requests.push(await rate(size.perRound, (i) => requestOne(bench, `${round} ${i}`, i)))
      },
    ]
    for (const part of round % 2 === 0 ? parts : parts.reverse()) await part()
  }
  const beside = (values: readonly number[]): number =>
    Number(median(values.map((value, round) => value / (transfers[round] ?? value))).toPrecision(4))
  const many = intents(bench, size.batched)
  const batching = relays(bench, BATCH_ITEMS)
  return {
    transfers: median(transfers),
    requests: median(requests),
    singles: median(singles),
    batched: await rate(many.length, (i) => grantOne(batching, many[i], i), size.batchedUnderWay),
    requestsRatio: beside(requests),
    singlesRatio: beside(singles),
  }
}

/** Milliseconds that each of so many single grants takes, one after another. */
export async function waitsOfGrants(bench: Bench, count: number): Promise<readonly number[]> {
  const through = relays(bench, 1)
  const waits: number[] = []
  for (const intent of intents(bench, count)) {
    const before = performance.now()
    await grantOne(through, intent, 0)
    waits.push(performance.now() - before)
  }
  return waits
}
