import { readFileSync } from 'node:fs'
import {
  type Address as Account,
  concatHex,
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  hashTypedData,
  keccak256,
  recoverAddress,
  toHex as serialise,
  toEventSelector,
  toFunctionSelector,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ACTIONS, address, hash32, INSTITUTION_ROLES, KINDS, PURPOSES } from '../vocabulary/index.ts'
import {
  ACCESS_CODES,
  anchorLedgerAbi,
  anchorLedgerBytecode,
  anchorLedgerRuntimeBytecode,
  consentLedgerAbi,
  consentLedgerBytecode,
  consentLedgerDomain,
  consentLedgerImmutables,
  consentLedgerRuntimeBytecode,
  consentLedgerTypes,
  membershipAbi,
  membershipBytecode,
  membershipRuntimeBytecode,
} from './abi/index.ts'
import { consentIdOf, grantDigest, revokeDigest } from './intents.ts'

interface Signature {
  readonly digest: Hex
  readonly v: number
  readonly r: Hex
  readonly s: Hex
}

interface ConsentCase {
  readonly name: string
  readonly chainId: string
  readonly verifyingContract: Account
  readonly signerKey: Hex
  readonly signer: Account
  readonly opening: {
    readonly reader: Hex
    readonly subject: Hex
    readonly kinds: number
    readonly actions: number
    readonly purposes: number
    readonly firstHour: number
    readonly endHour: number
    readonly notBefore: string
    readonly expiresAt: string
    readonly patientKey: Hex
    readonly delegate: number
    readonly termsHash: Hex
    readonly salt: Hex
  }
  readonly commitment: Hex
  readonly consentId: Hex
  readonly expiryDay: number
  readonly nonce: string
  readonly deadline: string
  readonly grant: Signature
  readonly revoke: Signature
}

interface HeadCase {
  readonly name: string
  readonly institution: Hex
  readonly stream: number
  readonly slot: string
  readonly corrects: string
  readonly root: Hex
  readonly count: string
  readonly previous: Hex
  readonly head: Hex
}

function text(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

function cases<Case>(file: string): readonly (readonly [string, Case])[] {
  const { cases } = JSON.parse(text(`test-vectors/${file}`)) as { cases: (Case & { name: string })[] }
  expect(cases.map(({ name }) => name)).toEqual(['plain', 'least', 'most'])
  return cases.map((one) => [one.name, one])
}

const VECTORS = cases<ConsentCase>('eip712.json')

function domainOf({ chainId, verifyingContract }: ConsentCase) {
  return { ...consentLedgerDomain, chainId: BigInt(chainId), verifyingContract }
}

function typedGrant(vector: ConsentCase) {
  return {
    domain: domainOf(vector),
    types: consentLedgerTypes,
    primaryType: 'Grant',
    message: {
      commitment: vector.commitment,
      expiryDay: vector.expiryDay,
      nonce: BigInt(vector.nonce),
      deadline: BigInt(vector.deadline),
    },
  } as const
}

function typedRevoke(vector: ConsentCase) {
  return {
    domain: domainOf(vector),
    types: consentLedgerTypes,
    primaryType: 'Revoke',
    message: {
      consentId: vector.consentId,
      nonce: BigInt(vector.nonce),
      deadline: BigInt(vector.deadline),
    },
  } as const
}

describe.each(VECTORS)('the frozen consent "%s" that the contract made', (_, vector) => {
  it('has the commitment that an independent ABI encoder gives', () => {
    const { inputs } = getAbiItem({ abi: consentLedgerAbi, name: 'commitmentOf' })
    const { notBefore, expiresAt, ...rest } = vector.opening
    const opening = { ...rest, notBefore: BigInt(notBefore), expiresAt: BigInt(expiresAt) }
    expect(keccak256(encodeAbiParameters(inputs, [opening]))).toBe(vector.commitment)
  })

  it('has the id that commitment and signer hash to', () => {
    const { inputs } = getAbiItem({ abi: consentLedgerAbi, name: 'consentIdOf' })
    expect(keccak256(encodeAbiParameters(inputs, [vector.commitment, vector.signer]))).toBe(vector.consentId)
    expect(consentIdOf(hash32(vector.commitment), address(vector.signer))).toBe(vector.consentId)
  })

  it('has the EIP-712 digests that the generated types give', () => {
    expect(hashTypedData(typedGrant(vector))).toBe(vector.grant.digest)
    expect(hashTypedData(typedRevoke(vector))).toBe(vector.revoke.digest)
  })

  it('has the digests that the relayer verifies', () => {
    const chainId = Number(vector.chainId)
    if (!Number.isSafeInteger(chainId)) return // chain ids of the product are plain numbers
    const domain = { chainId, consents: address(vector.verifyingContract) }
    const signed = {
      commitment: hash32(vector.commitment),
      signer: address(vector.signer),
      nonce: BigInt(vector.nonce),
      deadline: BigInt(vector.deadline),
    }
    expect(serialise(grantDigest(domain, { ...signed, expiryDay: vector.expiryDay }))).toBe(
      vector.grant.digest,
    )
    expect(serialise(revokeDigest(domain, signed))).toBe(vector.revoke.digest)
  })

  it('is signed alike by another signer with the same key (RFC 6979), with low s', async () => {
    const account = privateKeyToAccount(vector.signerKey)
    expect(account.address).toBe(vector.signer)
    for (const [{ digest, v, r, s }, signature] of [
      [vector.grant, await account.signTypedData(typedGrant(vector))],
      [vector.revoke, await account.signTypedData(typedRevoke(vector))],
    ] as const) {
      expect(signature).toBe(concatHex([r, s, serialise(v)]))
      expect(await recoverAddress({ hash: digest, signature })).toBe(vector.signer)
    }
  })
})

describe.each(cases<HeadCase>('anchor-heads.json'))('the frozen head "%s" of an anchor', (_, vector) => {
  it('is the slot and the first 192 bits of the hash', () => {
    const { inputs } = getAbiItem({ abi: anchorLedgerAbi, name: 'headAfter' })
    const { institution, stream, root, previous } = vector
    const [slot, corrects, count] = [BigInt(vector.slot), BigInt(vector.corrects), BigInt(vector.count)]
    const item = { stream, slot, corrects, root, count, previous }
    const digest = keccak256(encodeAbiParameters(inputs, [institution, item]))
    expect(concatHex([serialise(slot, { size: 8 }), digest.slice(0, 50) as Hex])).toBe(vector.head)
  })
})

describe('the generated files', () => {
  it('list the access codes in the order of the table that people read', () => {
    const table = text('contracts/src/interfaces/IConsentLedger.sol').matchAll(
      /\/\/\/ \| (\d+) +\| ([A-Z_]+) +\|/g,
    )
    const rows = [...table].map(([, index, code]) => [Number(index), code])
    expect(rows).toEqual(ACCESS_CODES.map((code, index) => [index, code]))
  })

  it('agree with the closed lists of the vocabulary whose bits the contracts document', () => {
    const roles = text('contracts/src/interfaces/IMembership.sol')
    const consent = text('contracts/src/interfaces/IConsentLedger.sol')
    const numbered = (list: readonly string[]) => list.map((name, bit) => `${bit} ${name}`).join(', ')
    expect(roles).toContain(`@param roles Bit mask: ${numbered(INSTITUTION_ROLES)}.`)
    expect(consent).toContain(`@param kinds Bit per kind of data: ${numbered(KINDS)}.`)
    expect(consent).toContain(`@param actions Bit per action: ${numbered(ACTIONS)}.`)
    expect(consent).toContain(`@param purposes Bit per purpose of use: ${numbered(PURPOSES.slice(0, 6))}, …`)
  })

  it.each([
    ['Membership', membershipAbi, membershipBytecode, membershipRuntimeBytecode],
    ['ConsentLedger', consentLedgerAbi, consentLedgerBytecode, consentLedgerRuntimeBytecode],
    ['AnchorLedger', anchorLedgerAbi, anchorLedgerBytecode, anchorLedgerRuntimeBytecode],
  ] as const)('hold code of %s that dispatches on every function of its ABI', (_, abi, creation, runtime) => {
    expect(creation).toContain(runtime.slice(2))
    expect((runtime.length - 2) / 2).toBeLessThanOrEqual(24_576) // EIP-170
    for (const item of abi) {
      if (item.type === 'function') {
        // PUSH4 drops leading zeros of a selector.
        expect(runtime).toContain(
          toFunctionSelector(item)
            .slice(2)
            .replace(/^(00)+/, ''),
        )
      }
      if (item.type === 'event' && item.name !== 'EIP712DomainChanged') {
        expect(runtime).toContain(
          toEventSelector(item)
            .slice(2)
            .replace(/^(00)+/, ''),
        )
      }
    }
  })

  it('leave zeros where the constructor writes immutables', () => {
    expect(consentLedgerImmutables.length).toBeGreaterThan(0)
    for (const { start, length } of consentLedgerImmutables) {
      const hole = consentLedgerRuntimeBytecode.slice(2 + 2 * start, 2 + 2 * (start + length))
      expect(hole).toBe('0'.repeat(2 * length))
    }
  })
})
