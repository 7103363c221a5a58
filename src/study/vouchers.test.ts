import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type CallArgs,
  type CreditsDeployment,
  contractCall,
  deployCredits,
  readContract,
  revertName,
} from '../ledger/index.ts'
import { founderOf, hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { nobleHasher as hasher, leafHash, verifyInclusion } from '../vault/index.ts'
import { type Bytes, fromHex, type Hash32, quantity, type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import { studyLedger } from './testing/governed-study.ts'
import {
  drawVoucher,
  type OwnVoucher,
  redemptionDigest,
  signRedemption,
  type VoucherBatch,
  voucherBatch,
  voucherCommitment,
  voucherNullifier,
} from './vouchers.ts'

/** Randomness that is the same in every run. */
function drawing(name: string): (length: number) => Bytes {
  let turn = 0
  return (length) =>
    Uint8Array.from(createHash('shake256', { outputLength: length }).update(`${name} ${turn++}`).digest())
}
const secret = hasher.sha256(utf8('site'))

describe('a batch of vouchers', () => {
  const place = { study: hashOf('study'), site: founderOf('north').id }
  const owns = Array.from({ length: 20 }, (_, i) => drawVoucher(place, drawing(`person ${i}`)))
  const commitments = owns.map(({ voucher }) => voucherCommitment(voucher))
  const batch = voucherBatch(commitments, place, secret, hasher)

  it('holds every voucher once, at a place that says nothing of who came when', () => {
    expect(batch.size).toBe(32)
    expect(voucherBatch([...commitments].reverse(), place, secret, hasher).root).toBe(batch.root)
    for (const commitment of commitments) {
      const found = batch.find(commitment)
      const claim = {
        leaf: leafHash(fromHex(commitment), hasher),
        index: found?.index ?? -1,
        size: batch.size,
        path: (found?.path ?? []).map(fromHex),
        root: fromHex(batch.root),
      }
      expect(verifyInclusion(claim, hasher)).toBe(true)
    }
    expect(batch.find(hashOf('nobody'))).toBeUndefined()
  })

  it('refuses a voucher twice and a secret too short to hide the dummies', () => {
    const twice = [...commitments, ...commitments.slice(0, 1)]
    expect(() => voucherBatch(twice, place, secret, hasher)).toThrowError(
      expect.objectContaining({ code: 'VOUCHER_TWICE' }),
    )
    expect(() => voucherBatch([], place, new Uint8Array(8), hasher)).toThrowError(
      expect.objectContaining({ code: 'SECRET_SHORT' }),
    )
  })

  it('tells the site neither the bearer nor the nullifier', () => {
    for (const { voucher } of owns) {
      const { bearer, salt } = voucher
      const other = voucherCommitment({ ...voucher, salt: hashOf(salt) })
      expect(other).not.toBe(voucherCommitment(voucher))
      expect(voucherNullifier({ ...place, bearer })).not.toBe(voucherCommitment(voucher))
    }
  })
})

describe('vouchers on the ledger', () => {
  let town: Awaited<ReturnType<typeof studyLedger>>
  let credits: CreditsDeployment
  let study: Hash32
  let own: OwnVoucher
  let batch: VoucherBatch
  let calls = 0
  const [applicant, north, south] = ['site 00', 'site 01', 'site 02']

  beforeAll(async () => {
    town = await studyLedger(3)
    credits = await deployCredits(town.ledger, town.deployment, signerOf(applicant))
    const { chain } = town
    const plan = {
      document: hashOf('document'),
      sheet: hashOf('sheet'),
      model: hashOf('model'),
      aggregation: 'open',
      minimumSites: 1,
      rounds: 5,
      stepSeconds: 60,
      ends: 4_000_000_000,
    } as const
    study = (await chain.as(signerOf(applicant)).submit(plan, hashOf('salt'))).study
    const { planHash } = await chain.study(study)
    const until = quantity<UnixSeconds>((await chain.head()).timestamp + 86_400)
    for (const name of [north, south])
      await chain.as(signerOf(`seat ${name}`)).vote(study, planHash, { verdict: 'APPROVE', until })
    await chain.as(signerOf(`reviewer ${north}`)).approveSite(study, planHash)
    const place = { study, site: founderOf(north).id }
    own = drawVoucher(place, drawing('me'))
    batch = voucherBatch([voucherCommitment(own.voucher)], place, secret, hasher)
  })
  afterAll(() => town?.close())

  async function send<F extends 'issue' | 'redeem'>(by: string, name: F, args: CallArgs<'credits', F>) {
    const call = contractCall(credits, 'credits', name, args)
    const receipt = await town.ledger.submit(call, { by: signerOf(by), keys: [hashOf(`credits ${calls++}`)] })
    return receipt.status
  }
  const redeeming = (redeemer: string): CallArgs<'credits', 'redeem'> => {
    const domain = { chainId: BigInt(town.ledger.chainId), credits: credits.credits }
    const found = batch.find(voucherCommitment(own.voucher))
    const signature = signRedemption(own, founderOf(redeemer).id, domain)
    return [own.voucher, BigInt(found?.index ?? 0), [...(found?.path ?? [])], signature]
  }

  it('are hashed and signed as the contract hashes and recovers', async () => {
    const { voucher } = own
    const ask = readContract
    expect((await ask(town.ledger, credits, 'credits', 'commitmentOf', [voucher])).value).toBe(
      voucherCommitment(voucher),
    )
    const nullifier = voucherNullifier(voucher)
    const { study: id, site, bearer } = voucher
    expect((await ask(town.ledger, credits, 'credits', 'nullifierOf', [id, site, bearer])).value).toBe(
      nullifier,
    )
    const domain = { chainId: BigInt(town.ledger.chainId), credits: credits.credits }
    const redeemer = founderOf(south).id
    expect(
      (await ask(town.ledger, credits, 'credits', 'redemptionDigest', [nullifier, redeemer])).value,
    ).toBe(redemptionDigest(nullifier, redeemer, domain))
  })

  it('are issued once by a site of the study, and redeemed once, where the bearer says', async () => {
    expect(await send(south, 'issue', [study, batch.root, batch.size])).toBe('reverted')
    expect(await send(north, 'issue', [study, batch.root, batch.size])).toBe('success')
    expect(await send(north, 'issue', [study, hashOf('more'), batch.size])).toBe('reverted')
    // The site that issued it, and a member that watched, hold the same words and can do nothing with them.
    expect(await send(north, 'redeem', redeeming(south))).toBe('reverted')
    expect(await send(south, 'redeem', redeeming(south))).toBe('success')
    expect(await send(south, 'redeem', redeeming(south))).toBe('reverted')
    expect(await send(north, 'redeem', redeeming(north))).toBe('reverted')
    const { value } = await readContract(town.ledger, credits, 'credits', 'batchOf', [
      study,
      founderOf(north).id,
    ])
    expect(value).toMatchObject({ root: batch.root, size: 16, redeemed: 1 })
  })

  it('are refused by name', async () => {
    const call = contractCall(credits, 'credits', 'redeem', redeeming(north))
    const refused = await town.ledger
      .read({ to: credits.credits, data: call.data })
      .catch((error: unknown) => error)
    expect(revertName(refused)).toBe('NotARedeemer')
  })
})
