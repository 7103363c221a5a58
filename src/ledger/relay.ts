/**
 * A relayer: one institution's lane for patients' signed intents.
 *
 * Laws: an intent whose signature does not hold never reaches the ledger; grants that arrive together share a
 * transaction, each with its own result; a revoke is sent at once, alone; an intent submitted twice, also after a
 * restart, gets the first answer.
 */
import { type Bytes, type ConsentId, type Hash32, IsletError } from '../vocabulary/index.ts'
import type { GrantCode } from './abi/index.ts'
import { contractCall, type Deployment } from './contracts.ts'
import { grantAnswers, grantBatchCall } from './grant-batch.ts'
import { decodeHex } from './hex.ts'
import {
  consentIdOf,
  fitsFields,
  type GrantIntent,
  grantDigest,
  type IntentDomain,
  keyOf,
  type RevokeIntent,
  revokeDigest,
  splitSignature,
  verifyRevoke,
} from './intents.ts'
import type { Ledger, Receipt, Signer } from './port.ts'
import { signatureThreads } from './signature-threads.ts'

export interface RelayOptions {
  readonly ledger: Ledger
  readonly deployment: Deployment
  /** Ledger key of an active member. */
  readonly by: Signer
  /** Grants in one transaction: 1 to 200; beyond 20 to 50 a consortium gains nothing more. */
  readonly batchItems?: number
  /** How long a grant waits for company, milliseconds; 0 sends at once. */
  readonly batchWaitMs?: number
  /** Grants that may wait or be under way; `LEDGER_BUSY` beyond. */
  readonly pendingLimit?: number
}

export interface GrantOutcome {
  readonly code: GrantCode
  readonly consentId: ConsentId
  /** Absent when the signature did not hold and nothing was sent. */
  readonly receipt?: Receipt
}

export type RevokeOutcome =
  | { readonly code: 'REVOKED'; readonly consentId: ConsentId; readonly receipt: Receipt }
  | { readonly code: 'SIGNATURE_INVALID'; readonly consentId: ConsentId }

interface Pending {
  readonly intent: GrantIntent
  readonly key: Hash32
  resolve(outcome: GrantOutcome): void
  reject(error: unknown): void
}

export class Relay {
  readonly #options: Required<RelayOptions>
  readonly #domain: IntentDomain
  readonly #flying = new Map<string, Promise<GrantOutcome>>()
  /** By intent, once its signature holds. */
  readonly #relaying = new Map<Hash32, Promise<GrantOutcome>>()
  #batch: Pending[] = []
  #timer: NodeJS.Timeout | undefined
  /** Grants whose signatures are still being looked at. */
  #verifying = 0

  constructor(options: RelayOptions) {
    this.#options = { batchItems: 50, batchWaitMs: 10, pendingLimit: 20_000, ...options }
    this.#domain = { chainId: options.ledger.chainId, consents: options.deployment.consents }
  }

  get pending(): number {
    return this.#flying.size
  }

  /** Relays a grant. Throws `LEDGER_BUSY`, `LEDGER_HALTED`, `RELAYER_REFUSED` (this member may not relay). */
  async grant(intent: GrantIntent): Promise<GrantOutcome> {
    const digest = grantDigest(this.#domain, intent)
    const key = keyOf(digest)
    // By signature too: a bad one over the same words must not answer for a good one.
    const name = `${key} ${intent.signature}`
    const flying = this.#flying.get(name)
    if (flying !== undefined) return flying
    if (this.#flying.size >= this.#options.pendingLimit) {
      throw new IsletError('LEDGER_BUSY', 'too many grants wait for the ledger', { retry_after_seconds: 1 })
    }
    const flight = this.#judge(intent, digest, key).finally(() => this.#flying.delete(name))
    this.#flying.set(name, flight)
    return flight
  }

  async #judge(intent: GrantIntent, digest: Bytes, key: Hash32): Promise<GrantOutcome> {
    if (!(await this.#verify(intent, digest))) {
      return { code: 'SIGNATURE_INVALID', consentId: consentIdOf(intent.commitment, intent.signer) }
    }
    const relaying = this.#relaying.get(key)
    if (relaying !== undefined) return relaying
    const relay = this.#relay(intent, key).finally(() => this.#relaying.delete(key))
    this.#relaying.set(key, relay)
    return relay
  }

  async #verify(intent: GrantIntent, digest: Bytes): Promise<boolean> {
    if (!fitsFields(intent)) return false
    this.#verifying += 1
    try {
      return (await signatureThreads.recover(digest, decodeHex(intent.signature))) === intent.signer
    } finally {
      this.#verifying -= 1
    }
  }

  /** Relays a revoke: at once and alone. */
  async revoke(intent: RevokeIntent): Promise<RevokeOutcome> {
    const id = consentIdOf(intent.commitment, intent.signer)
    if (!verifyRevoke(this.#domain, intent)) return { code: 'SIGNATURE_INVALID', consentId: id }
    const { ledger, deployment, by } = this.#options
    const { signature, ...words } = intent
    const call = contractCall(deployment, 'consents', 'revoke', [{ ...words, ...splitSignature(signature) }])
    const receipt = await ledger.submit(call, { by, keys: [keyOf(revokeDigest(this.#domain, intent))] })
    if (receipt.status !== 'success') throw relayerRefused('revoke')
    return { code: 'REVOKED', consentId: id, receipt }
  }

  async #relay(intent: GrantIntent, key: Hash32): Promise<GrantOutcome> {
    const known = await this.#options.ledger.lookup(key)
    if (known !== undefined) return outcomeOf(this.#options.deployment, known, intent)
    return new Promise((resolve, reject) => {
      this.#batch.push({ intent, key, resolve, reject })
      if (this.#batch.length >= this.#options.batchItems) this.#flush()
      else this.#timer ??= setTimeout(() => this.#flushOrWait(), this.#options.batchWaitMs)
    })
  }

  /** Company is still being verified: the batch waits for it rather than leave half empty. */
  #flushOrWait(): void {
    if (this.#verifying === 0) this.#flush()
    else this.#timer = setTimeout(() => this.#flushOrWait(), this.#options.batchWaitMs)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batch = this.#batch
    this.#batch = []
    if (batch.length > 0) void this.#send(batch)
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    const { ledger, deployment, by } = this.#options
    try {
      const call = grantBatchCall(
        deployment.consents,
        batch.map(({ intent }) => intent),
      )
      const receipt = await ledger.submit(call, { by, keys: batch.map(({ key }) => key) })
      const outcomes = outcomesOf(deployment, receipt)
      for (const { intent, resolve, reject } of batch) {
        const outcome = outcomes.get(nameOf(intent.signer, intent.commitment))
        if (outcome === undefined) reject(relayerRefused('grantBatch'))
        else resolve(outcome)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

function outcomeOf(deployment: Deployment, receipt: Receipt, intent: GrantIntent): GrantOutcome {
  const outcome = outcomesOf(deployment, receipt).get(nameOf(intent.signer, intent.commitment))
  if (outcome === undefined) throw relayerRefused('grantBatch')
  return outcome
}

/** What became of each grant of a receipt, by signer and commitment. */
function outcomesOf(deployment: Deployment, receipt: Receipt): ReadonlyMap<string, GrantOutcome> {
  const outcomes = new Map<string, GrantOutcome>()
  for (const { signer, commitment, consentId, code } of grantAnswers(deployment.consents, receipt.logs)) {
    const name = nameOf(signer, commitment)
    // One intent twice in a batch: the first answer counts, the second says ALREADY_GRANTED.
    if (!outcomes.has(name)) outcomes.set(name, { code, consentId, receipt })
  }
  return outcomes
}

function nameOf(signer: string, commitment: string): string {
  return `${signer} ${commitment}`
}

function relayerRefused(call: string): IsletError {
  return new IsletError(
    'RELAYER_REFUSED',
    'the contract refused the relayed call as a whole',
    { call },
    { remedy: 'Ask another member to relay it, or send it directly.' },
  )
}
