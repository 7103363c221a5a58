/**
 * A relayer: one institution's lane for patients' signed intents.
 *
 * Laws: an intent whose signature does not hold never reaches the ledger; grants that arrive together share a
 * transaction, each with its own result; a revoke is sent at once, alone; an intent submitted twice, also after a
 * restart, gets the first answer.
 */
import { type Address, type ConsentId, type Hash32, IsletError } from '../vocabulary/index.ts'
import { GRANT_CODES, type GrantCode } from './abi/index.ts'
import { contractEvents } from './contract-events.ts'
import { contractCall, type Deployment } from './contracts.ts'
import {
  consentIdOf,
  type GrantIntent,
  grantDigest,
  type IntentDomain,
  keyOf,
  type RevokeIntent,
  revokeDigest,
  splitSignature,
  verifyGrant,
  verifyRevoke,
} from './intents.ts'
import type { Ledger, Receipt, Signer } from './port.ts'

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
  readonly #flying = new Map<Hash32, Promise<GrantOutcome>>()
  #batch: Pending[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: RelayOptions) {
    this.#options = { batchItems: 50, batchWaitMs: 10, pendingLimit: 20_000, ...options }
    this.#domain = { chainId: options.ledger.chainId, consents: options.deployment.consents }
  }

  get pending(): number {
    return this.#flying.size
  }

  /** Relays a grant. Throws `LEDGER_BUSY`, `LEDGER_HALTED`, `RELAYER_REFUSED` (this member may not relay). */
  async grant(intent: GrantIntent): Promise<GrantOutcome> {
    const key = keyOf(grantDigest(this.#domain, intent))
    const flying = this.#flying.get(key)
    if (flying !== undefined) return flying
    if (!verifyGrant(this.#domain, intent)) {
      return { code: 'SIGNATURE_INVALID', consentId: consentIdOf(intent.commitment, intent.signer) }
    }
    if (this.#flying.size >= this.#options.pendingLimit) {
      throw new IsletError('LEDGER_BUSY', 'too many grants wait for the ledger', { retry_after_seconds: 1 })
    }
    const flight = this.#relay(intent, key).finally(() => this.#flying.delete(key))
    this.#flying.set(key, flight)
    return flight
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
      else this.#timer ??= setTimeout(() => this.#flush(), this.#options.batchWaitMs)
    })
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
      const intents = batch.map(({ intent: { signature, ...words } }) => ({
        ...words,
        ...splitSignature(signature),
      }))
      const call = contractCall(deployment, 'consents', 'grantBatch', [intents])
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
  for (const event of contractEvents(deployment, receipt.block, receipt.logs)) {
    if (event.name !== 'Granted' && event.name !== 'GrantRefused') continue
    const { signer, commitment } = event.args
    const address = signer.toLowerCase() as Address
    const code = event.name === 'Granted' ? 'GRANTED' : (GRANT_CODES[event.args.code] ?? 'SIGNATURE_INVALID')
    const consentId = consentIdOf(commitment as Hash32, address)
    const name = nameOf(address, commitment)
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
