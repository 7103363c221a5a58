/** What the ledger's tests share: keys by number, folders that go away, founders, signed intents. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Hash32,
  hash32,
  INSTITUTION_ROLES,
  institutionId,
  maskOf,
  toHex,
} from '../../vocabulary/index.ts'
import type { Founder } from '../deploy.ts'
import { type GrantIntent, type IntentDomain, signGrant } from '../intents.ts'
import type { Signer } from '../port.ts'
import { secp256k1Signer } from '../signer.ts'

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(text).digest())
}

export function hashOf(text: string): Hash32 {
  return hash32(toHex(bytesOf(text)))
}

/** The same key for the same name, in every test. */
export function signerOf(name: string): Signer {
  return secp256k1Signer(bytesOf(`signer ${name}`))
}

export function founderOf(name: string): Founder {
  return {
    id: institutionId(hashOf(`institution ${name}`)),
    ledgerKey: signerOf(name).address,
    messageKey: hashOf(`message ${name}`),
    hpkeKeyHash: hashOf(`hpke ${name}`),
    roles: maskOf(INSTITUTION_ROLES, ['hospital', 'research']),
  }
}

/** A day about sixty years ahead: no test's grant expires by itself. */
export const FAR_DAY = 42_000
export const FAR_DEADLINE = BigInt(FAR_DAY) * 86_400n

export function grantOf(domain: IntentDomain, name: string): GrantIntent {
  return signGrant(domain, signerOf(`consent ${name}`), {
    commitment: hashOf(`commitment ${name}`),
    expiryDay: FAR_DAY,
    nonce: 0n,
    deadline: FAR_DEADLINE,
  })
}

/** Init code of a contract that writes two words and logs one; data: 32 bytes. Hand-assembled, 20 bytes at run time. */
export const PROBE_INIT = '0x601480600b6000396000f300600035600181556001013381556000526000600020a0' as const

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'islet-ledger-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
