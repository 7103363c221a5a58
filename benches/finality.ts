/**
 * What it costs to verify what a consortium made final, on captured blocks of four validators.
 *
 * Times are processor time of the process; the ratio compares with the same number of bare Ed25519 verifications of
 * node:crypto in the same run: what is left is hashing headers and seats and writing out the votes' bytes.
 */
import { readFile } from 'node:fs/promises'
import {
  type FinalityCrypto,
  follow,
  openAnchor,
  readLightBlock,
  TRUST_PERIOD_SECONDS,
  type TrustAnchor,
  verifyConsentProof,
} from '../src/finality/index.ts'
import { nobleEd25519 } from '../src/identity/index.ts'
import { nodeEd25519 } from '../src/identity/node-signer.door.ts'
import { nobleHasher } from '../src/vault/index.ts'
import { nodeHasher } from '../src/vault/node-cipher.door.ts'
import { type Address, fromBase64Url, quantity, type UnixSeconds } from '../src/vocabulary/index.ts'
import { median, type Row, row, timed } from './support/rows.ts'

interface Captured {
  readonly consents: Address
  readonly now: number
  readonly anchor: TrustAnchor
  readonly proofs: Readonly<Record<'active' | 'absent', { readonly proof: string }>>
  readonly fourVotes: { readonly anchor: TrustAnchor; readonly now: number; readonly block: string }
}

const NODE: FinalityCrypto = { hasher: nodeHasher, verify: nodeEd25519.verify }
const BROWSER: FinalityCrypto = { hasher: nobleHasher, verify: nobleEd25519.verify }
const SEATS = 4

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const captured: Captured = JSON.parse(await readFile('test-vectors/consensus.json', 'utf8'))
  const { fourVotes, proofs, anchor, consents } = captured
  const trusted = openAnchor(fourVotes.anchor, nodeHasher)
  const bytes = fromBase64Url(fourVotes.block)
  const commit = (crypto: FinalityCrypto) => () => {
    const rules = { now: quantity<UnixSeconds>(fourVotes.now), trustPeriod: TRUST_PERIOD_SECONDS }
    follow(trusted, readLightBlock(bytes, trusted.seats), rules, crypto)
  }
  const active = fromBase64Url(proofs.active.proof)
  const proof = () => {
    const rules = {
      now: quantity<UnixSeconds>(captured.now),
      trustPeriod: TRUST_PERIOD_SECONDS,
      consents,
    }
    if (!verifyConsentProof(active, anchor, rules, NODE).ok)
      throw new Error('the captured proof does not hold')
  }
  const seed = nodeHasher.sha256(new Uint8Array(0))
  const [key, signature] = [nodeEd25519.publicKey(seed), nodeEd25519.sign(seed, bytes.subarray(0, 110))]
  const bare = () => {
    for (let i = 0; i < SEATS; i++) nodeEd25519.verify(key, bytes.subarray(0, 110), signature)
  }
  const [runs, times, slow] = quick ? [3, 200, 10] : [7, 500, 25]
  const spent = { bare: [], commit: [], proof: [], browser: [] } as Record<string, number[]>
  // The first run only warms the compiler.
  for (let run = -1; run < runs; run++) {
    for (const [name, work, count] of [
      ['bare', bare, times],
      ['commit', commit(NODE), times],
      ['proof', proof, times],
      ['browser', commit(BROWSER), slow],
    ] as const) {
      const { core } = await timed(() => {
        for (let i = 0; i < count; i++) work()
      })
      if (run >= 0) spent[name]?.push(core / count)
    }
  }
  const each = (name: string): number => median(spent[name] ?? [])
  const four = 'four bare Ed25519 verifications'
  const rate = (name: string, text: string): Row =>
    row(text, 1_000 / each(name), '/s', four, 1_000 / each('bare'), runs)
  return [
    rate('commit', 'blocks with four votes verified from an anchor, per core (node:crypto)'),
    rate('browser', 'the same in plain JavaScript, as a browser may'),
    rate('proof', 'proofs of a granted consent verified, three votes each, per core'),
    row('proof of a granted consent', active.length, 'bytes', null, null, 1),
    row(
      'proof that a consent was not granted',
      fromBase64Url(proofs.absent.proof).length,
      'bytes',
      null,
      null,
      1,
    ),
  ]
}
