import { afterAll, beforeAll, expect, test } from 'vitest'
import { contractCall, type Deployment, readContract } from './contracts.ts'
import { attachContracts, deployContracts } from './deploy.ts'
import { type EmbeddedLedger, openEmbedded } from './embedded.door.ts'
import { consentIdOf, signRevoke } from './intents.ts'
import { Relay } from './relay.ts'
import { FAR_DEADLINE, founderOf, grantOf, hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'

const names = ['north', 'south', 'east']
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let ledger: EmbeddedLedger
let deployment: Deployment
let relay: Relay

const open = () => openEmbedded({ directory: folder.path, operator: signerOf('operator') })

beforeAll(async () => {
  folder = await temporaryFolder()
  ledger = await open()
  deployment = await deployContracts(ledger, {
    by: signerOf('north'),
    founders: names.map(founderOf),
    threshold: 2,
  })
  relay = new Relay({ ledger, deployment, by: signerOf('north') })
})
afterAll(async () => {
  await ledger?.close()
  await folder?.remove()
})

const domain = () => ({ chainId: ledger.chainId, consents: deployment.consents })

test('grants that arrive together share a transaction and each has its own answer', async () => {
  const intents = Array.from({ length: 20 }, (_, i) => grantOf(domain(), `together ${i}`))
  const outcomes = await Promise.all(intents.map((intent) => relay.grant(intent)))
  expect(outcomes.every(({ code }) => code === 'GRANTED')).toBe(true)
  expect(new Set(outcomes.map(({ receipt }) => receipt?.transaction)).size).toBe(1)
  for (const { signer, commitment } of intents) {
    const id = consentIdOf(commitment, signer)
    const { value } = await readContract(ledger, deployment, 'consents', 'consentOf', [id, signer])
    expect(value).toEqual([1, 42_000])
  }
})

test('a grant whose signature does not hold never reaches the ledger', async () => {
  const { height } = await ledger.head()
  const honest = grantOf(domain(), 'honest')
  const outcomes = await Promise.all([
    relay.grant({ ...honest, expiryDay: honest.expiryDay + 1 }),
    relay.grant({ ...honest, signer: signerOf('thief').address }),
    relay.grant(grantOf({ ...domain(), chainId: 1 }, 'other chain')),
  ])
  expect(outcomes.map(({ code }) => code)).toEqual(Array(3).fill('SIGNATURE_INVALID'))
  expect((await ledger.head()).height).toBe(height)
})

test('a bad signature over the same words does not answer for the good one beside it', async () => {
  const good = grantOf(domain(), 'beside')
  const bad = { ...good, signature: `0x${'11'.repeat(64)}00` as const }
  const outcomes = await Promise.all([
    relay.grant(bad),
    relay.grant(good),
    relay.grant(bad),
    relay.grant(good),
  ])
  expect(outcomes.map(({ code }) => code)).toEqual([
    'SIGNATURE_INVALID',
    'GRANTED',
    'SIGNATURE_INVALID',
    'GRANTED',
  ])
})

test('numbers that do not fit the contract’s fields are refused alone: what came beside them is granted', async () => {
  const good = grantOf(domain(), 'beside wide numbers')
  const wide = grantOf(domain(), 'wide')
  const outcomes = await Promise.all([
    relay.grant(good),
    // The same digest modulo 2^64: its signature would hold.
    relay.grant({ ...wide, nonce: wide.nonce + 2n ** 64n }),
    relay.grant({ ...wide, deadline: wide.deadline + 2n ** 64n }),
    relay.grant({ ...wide, expiryDay: wide.expiryDay + 2 ** 32 }),
  ])
  const refused = 'SIGNATURE_INVALID'
  expect(outcomes.map(({ code }) => code)).toEqual(['GRANTED', refused, refused, refused])
  expect((await relay.grant(wide)).code).toBe('GRANTED')
})

test('an intent submitted again gets the first answer, also after a restart', async () => {
  const intent = grantOf(domain(), 'again')
  const [first, second] = await Promise.all([relay.grant(intent), relay.grant(intent)])
  expect(second).toEqual(first)
  const third = await relay.grant(intent)
  expect(third).toEqual(first)
  await ledger.close()
  ledger = await open()
  relay = new Relay({ ledger, deployment, by: signerOf('south') })
  const { height } = await ledger.head()
  expect(await relay.grant(intent)).toEqual(first)
  expect((await ledger.head()).height).toBe(height)
})

test('a revoke is relayed alone, and the held-back grant cannot rise after it', async () => {
  const intent = grantOf(domain(), 'held back')
  const revoke = signRevoke(domain(), signerOf('consent held back'), {
    commitment: intent.commitment,
    nonce: 0n,
    deadline: FAR_DEADLINE,
  })
  const revoked = await relay.revoke(revoke)
  expect(revoked.code).toBe('REVOKED')
  expect((await relay.grant(intent)).code).toBe('ALREADY_REVOKED')
  expect((await relay.revoke({ ...revoke, nonce: 1n })).code).toBe('SIGNATURE_INVALID')
})

test('the words of a relayer that is no member are refused as a whole', async () => {
  const stranger = new Relay({ ledger, deployment, by: signerOf('stranger') })
  await expect(stranger.grant(grantOf(domain(), 'by a stranger'))).rejects.toMatchObject({
    code: 'RELAYER_REFUSED',
  })
})

test('deploying twice gives the contracts that stand', async () => {
  const again = await deployContracts(ledger, {
    by: signerOf('north'),
    founders: names.map(founderOf),
    threshold: 2,
  })
  expect(again).toEqual(deployment)
})

test('an address without our contract, or contracts that do not belong together, are refused', async () => {
  const nowhere = { ...deployment, anchors: signerOf('nowhere').address }
  await expect(attachContracts(ledger, nowhere)).rejects.toMatchObject({ code: 'OTHER_CONTRACT' })
  const swapped = { ...deployment, anchors: deployment.consents, consents: deployment.anchors }
  await expect(attachContracts(ledger, swapped)).rejects.toMatchObject({ code: 'OTHER_CONTRACT' })
  const founders = [founderOf('west')]
  const other = await deployContracts(ledger, { by: signerOf('west'), founders, threshold: 1 })
  const mixed = { ...deployment, membership: other.membership }
  await expect(attachContracts(ledger, mixed)).rejects.toMatchObject({ code: 'OTHER_CONTRACT' })
})

test('an access request is recorded by an active member and found at its block time', async () => {
  const commitment = hashOf('request')
  const call = contractCall(deployment, 'consents', 'requestAccess', [commitment])
  const receipt = await ledger.submit(call, { by: signerOf('east'), keys: [commitment] })
  const { value } = await readContract(ledger, deployment, 'consents', 'requestedAt', [
    founderOf('east').id,
    commitment,
  ])
  expect(Number(value)).toBe(receipt.block.timestamp)
})
