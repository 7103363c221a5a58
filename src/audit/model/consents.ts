/**
 * The rules of `ConsentLedger`, written anew from their prose (contracts/src/interfaces/IConsentLedger.sol).
 *
 * Laws: one address signs for one consent; Active → Revoked, never back; a revoke of an unknown consent is a tombstone;
 * anybody may carry a signed intent's revoke, members only a grant; the signature is checked here as by the contract.
 */
import { consentIdOf, type IntentDomain, intentDigest, signerOf } from '../../consent/index.ts'
import { type Address, type ConsentId, concat, fromHex, type Hash32, toHex } from '../../vocabulary/index.ts'
import { eventOf, hexWord, type RawEvent, selector, uintWord, type Words } from '../abi-words.ts'
import { type CallContext, require, Store, type Undoable } from './store.ts'

interface Life {
  readonly id: ConsentId
  readonly state: 'active' | 'revoked'
}

const GRANT = '(bytes32,address,uint32,uint64,uint64,uint8,bytes32,bytes32)'
const REVOKE = '(bytes32,address,uint64,uint64,uint8,bytes32,bytes32)'
const SELECTORS = {
  grantBatch: selector(`grantBatch(${GRANT}[])`),
  grant: selector('grant(bytes32,uint32)'),
  revoke: selector(`revoke(${REVOKE})`),
  revokeDirect: selector('revokeDirect(bytes32)'),
  requestAccess: selector('requestAccess(bytes32)'),
}
/** GrantCode of the contract. */
const CODES = {
  granted: 0,
  signatureInvalid: 1,
  deadlinePassed: 2,
  expiryPassed: 3,
  alreadyGranted: 4,
  alreadyRevoked: 5,
  addressSpent: 6,
}
const DAY = 86_400n

export class ConsentModel {
  readonly #at: Address
  readonly #domain: IntentDomain
  readonly #lives = new Store<Life>()
  readonly #requests = new Store<true>()
  #events: RawEvent[] = []

  constructor(at: Address, chainId: number) {
    this.#at = at
    this.#domain = { chainId: BigInt(chainId), consentLedger: at }
  }

  get stores(): readonly Undoable[] {
    return [this.#lives, this.#requests]
  }

  /** A call by its selector; `activeMember` is the institution that sends, if it is one. */
  call(
    name: string,
    data: Words,
    context: CallContext,
    activeMember: Hash32 | undefined,
  ): readonly RawEvent[] {
    this.#events = []
    const sender = context.sender
    switch (name) {
      case SELECTORS.grantBatch:
        require(activeMember !== undefined)
        for (const intent of data.list(4, 8, readIntent)) this.#signedGrant(intent, context.now)
        break
      case SELECTORS.grant:
        require(this.#grant(data.hash(), sender, data.uint(32), context.now) === CODES.granted)
        break
      case SELECTORS.revoke:
        this.#signedRevoke(data, context.now)
        break
      case SELECTORS.revokeDirect:
        this.#revoke(consentIdOf(data.hash(), sender), sender)
        break
      case SELECTORS.requestAccess:
        this.#request(data.hash(), activeMember)
        break
      default:
        require(false)
    }
    return this.#events
  }

  #signedGrant(intent: SignedIntent, now: bigint): void {
    const { commitment, signer } = intent
    const code = now > intent.deadline ? CODES.deadlinePassed : this.#judge(intent, now)
    if (code === CODES.granted) return
    const data = [hexWord(commitment), uintWord(code, 8)]
    this.#emit('GrantRefused(address,bytes32,uint8)', [hexWord(signer)], data)
  }

  #judge(intent: SignedIntent, now: bigint): number {
    const { commitment, signer, nonce, deadline, signature } = intent
    require(intent.expiryDay < 1n << 32n && signature.v < 256n)
    const expiryDay = Number(intent.expiryDay)
    const digest = intentDigest(this.#domain, { action: 'grant', commitment, expiryDay, nonce, deadline })
    if (!isSigned(digest, signature, signer)) return CODES.signatureInvalid
    return this.#grant(commitment, signer, intent.expiryDay, now)
  }

  #grant(commitment: Hash32, signer: Address, expiryDay: bigint, now: bigint): number {
    const id = consentIdOf(commitment, signer)
    const life = this.#lives.get(signer)
    if (life !== undefined) {
      if (!sameTag(life.id, id)) return CODES.addressSpent
      return life.state === 'active' ? CODES.alreadyGranted : CODES.alreadyRevoked
    }
    if (expiryDay * DAY <= now) return CODES.expiryPassed
    this.#lives.set(signer, { id, state: 'active' })
    this.#emit(
      'Granted(bytes32,address,bytes32,uint32)',
      [hexWord(id), hexWord(signer)],
      [hexWord(commitment), uintWord(expiryDay, 32)],
    )
    return CODES.granted
  }

  #signedRevoke(data: Words, now: bigint): void {
    const commitment = data.hash()
    const signer = data.address()
    const nonce = data.uint(64)
    const deadline = data.uint(64)
    const signature = { v: data.uint(8), r: data.hash(), s: data.hash() }
    require(now <= deadline)
    const consentId = consentIdOf(commitment, signer)
    require(
      isSigned(
        intentDigest(this.#domain, { action: 'revoke', consentId, nonce, deadline }),
        signature,
        signer,
      ),
    )
    this.#revoke(consentId, signer)
  }

  #revoke(id: ConsentId, signer: Address): void {
    const life = this.#lives.get(signer)
    require(life === undefined || sameTag(life.id, id))
    if (life?.state === 'revoked') return
    this.#lives.set(signer, { id, state: 'revoked' })
    this.#emit('Revoked(bytes32,address)', [hexWord(id), hexWord(signer)], [])
  }

  #request(commitment: Hash32, institution: Hash32 | undefined): void {
    require(institution !== undefined)
    const name = `${institution} ${commitment}`
    require(this.#requests.get(name) === undefined)
    this.#requests.set(name, true)
    this.#emit('AccessRequested(bytes32,bytes32)', [hexWord(commitment), hexWord(institution)], [])
  }

  #emit(signature: string, indexed: readonly Uint8Array[], data: readonly Uint8Array[]): void {
    this.#events.push(eventOf(this.#at, signature, indexed, data))
  }
}

interface Signature {
  readonly v: bigint
  readonly r: Hash32
  readonly s: Hash32
}

interface SignedIntent {
  readonly commitment: Hash32
  readonly signer: Address
  readonly expiryDay: bigint
  readonly nonce: bigint
  readonly deadline: bigint
  readonly signature: Signature
}

/** Day and recovery byte are checked where they are first used, as the contract does. */
function readIntent(data: Words): SignedIntent {
  return {
    commitment: data.hash(),
    signer: data.address(),
    expiryDay: data.uint(256),
    nonce: data.uint(64),
    deadline: data.uint(64),
    signature: { v: data.uint(256), r: data.hash(), s: data.hash() },
  }
}

function isSigned(digest: Hash32, { v, r, s }: Signature, signer: Address): boolean {
  const bytes = concat(fromHex(r), fromHex(s), Uint8Array.of(Number(v)))
  return signerOf(digest, toHex(bytes)) === signer
}

/** The contract keeps the upper 216 bits of an id. */
function sameTag(a: ConsentId, b: ConsentId): boolean {
  return a.slice(0, 2 + 54) === b.slice(0, 2 + 54)
}
