/**
 * The ledger's figures: grants beside plain transfers on the same engine in the same run, batched grants sustained,
 * and what a single grant takes on an idle ledger.
 *
 * "A grant" is one signed intent whose signature node and contract have both verified (PROTOCOL 11). Intents are signed
 * before the clock starts; transactions are signed inside.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchDocument } from '../src/api/documents.door.ts'
import { openEmbedded } from '../src/ledger/embedded.door.ts'
import {
  contractCall,
  deployContracts,
  type GrantIntent,
  Relay,
  secp256k1Signer,
  signGrant,
  verifyGrant,
} from '../src/ledger/index.ts'
import { type Hash32, hash32, institutionId, toHex } from '../src/vocabulary/index.ts'

type BenchRow = BenchDocument['rows'][number]

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest()
const hashOf = (text: string): Hash32 => hash32(toHex(digest(text)))
const signerOf = (text: string) => secp256k1Signer(digest(`bench ${text}`))
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const IN_FLIGHT = 500

export async function bench(options: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const [rounds, perRound, sustained, idle] = options.quick ? [3, 600, 3_000, 50] : [7, 1_000, 20_000, 200]
  const directory = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const ledger = await openEmbedded({ directory, operator: signerOf('operator') })
  try {
    const members = Array.from({ length: 4 }, (_, i) => signerOf(`member ${i}`))
    const founders = members.map(({ address }, i) => ({
      id: institutionId(hashOf(`institution ${i}`)),
      ledgerKey: address,
      messageKey: hashOf(`message ${i}`),
      hpkeKeyHash: hashOf(`hpke ${i}`),
      roles: 1,
    }))
    const by = members[0] ?? signerOf('member 0')
    const deployment = await deployContracts(ledger, { by, founders, threshold: 1 })
    const domain = { chainId: ledger.chainId, consents: deployment.consents }
    let made = 0
    const intents = (count: number): readonly GrantIntent[] =>
      Array.from({ length: count }, () => {
        made += 1
        const words = {
          commitment: hashOf(`c ${made}`),
          expiryDay: 42_000,
          nonce: 0n,
          deadline: 3_600_000_000n,
        }
        return signGrant(domain, signerOf(`patient ${made}`), words)
      })
    const member = (i: number) => members[i % members.length] ?? by
    const single = members.map((key) => new Relay({ ledger, deployment, by: key, batchItems: 1 }))
    const batched = members.map((key) => new Relay({ ledger, deployment, by: key, batchItems: 50 }))
    const grantOne = async (
      relays: readonly Relay[],
      intent: GrantIntent | undefined,
      i: number,
    ): Promise<void> => {
      const outcome = intent === undefined ? undefined : await relays[i % relays.length]?.grant(intent)
      if (outcome?.code !== 'GRANTED') throw new Error(`a grant was not granted: ${outcome?.code}`)
    }
    /** Items a second with a bounded number under way, as a busy node has them. */
    const rate = async (count: number, work: (i: number) => Promise<unknown>): Promise<number> => {
      const started = performance.now()
      let next = 0
      await Promise.all(
        Array.from({ length: IN_FLIGHT }, async () => {
          for (let i = next++; i < count; i = next++) await work(i)
        }),
      )
      return count / ((performance.now() - started) / 1000)
    }

    const transfers: number[] = []
    const calls: number[] = []
    const singles: number[] = []
    const to = signerOf('nobody').address
    for (let round = 0; round < rounds; round++) {
      const signed = intents(perRound)
      const parts = [
        async () => {
          const transfer = { to, data: '0x', gas: 21_000 } as const
          transfers.push(await rate(perRound, (i) => ledger.submit(transfer, { by: member(i), keys: [] })))
        },
        async () => {
          singles.push(await rate(perRound, (i) => grantOne(single, signed[i], i)))
        },
        async () => {
          const request = (i: number) => {
            const commitment = hashOf(`request ${round} ${i}`)
            const call = contractCall(deployment, 'consents', 'requestAccess', [commitment])
            return ledger.submit(call, { by: member(i), keys: [commitment] })
          }
          calls.push(await rate(perRound, request))
        },
      ]
      // To and fro, so that a machine that grows busier or calmer favours none of them.
      for (const part of round % 2 === 0 ? parts : parts.reverse()) await part()
    }
    /** Median of the ratios within each round: both figures of a ratio were taken side by side. */
    const besideTransfers = (rates: readonly number[]): number =>
      median(rates.map((value, round) => value / (transfers[round] ?? value)))

    const many = intents(sustained)
    const batchedRate = await rate(sustained, (i) => grantOne(batched, many[i], i))

    const checked = many.slice(0, 500)
    const verified = await rate(checked.length, async (i) => {
      const intent = checked[i]
      if (intent !== undefined && !verifyGrant(domain, intent)) throw new Error('a signature does not hold')
    })

    const waits: number[] = []
    for (const intent of intents(idle)) {
      const before = performance.now()
      await grantOne(single, intent, 0)
      waits.push(performance.now() - before)
    }
    waits.sort((a, b) => a - b)
    const row = (
      name: string,
      value: number,
      unit: string,
      against: string | null,
      ratio: number | null,
      runs: number,
    ) => ({
      name,
      value: Math.round(value * 10) / 10,
      unit,
      against,
      ratio: ratio === null ? null : Math.round(ratio * 100) / 100,
      runs,
    })
    const call = median(calls)
    const wait = (part: number): number => waits[Math.floor(waits.length * part)] ?? 0
    const p50 = wait(0.5)
    const p99 = wait(0.99)
    return [
      row('plain transfers', median(transfers), 'transactions/s', null, null, rounds),
      row(
        'access requests: the signature-free ceiling (one slot, no intent)',
        call,
        'transactions/s',
        'plain transfers',
        besideTransfers(calls),
        rounds,
      ),
      row('single grants', median(singles), 'grants/s', 'plain transfers', besideTransfers(singles), rounds),
      row(
        `batched grants, 50 a transaction, ${sustained} sustained`,
        batchedRate,
        'grants/s',
        'the signature-free ceiling',
        batchedRate / call,
        1,
      ),
      row(
        'intent signatures verified by one thread',
        verified,
        'signatures/s',
        'batched grants',
        verified / batchedRate,
        1,
      ),
      row('single grant on an idle ledger, p50', p50, 'ms', 'the bound of 250 ms', p50 / 250, idle),
      row('single grant on an idle ledger, p99', p99, 'ms', 'the bound of 250 ms', p99 / 250, idle),
    ]
  } finally {
    await ledger.close()
    await rm(directory, { recursive: true, force: true })
  }
}
