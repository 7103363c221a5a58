/**
 * The proof of a consent's standing as a file: what it is about, the blocks from an anchor to the proof's own, and the
 * state's word or its absence. Two kilobytes for four seats; opened by `islet verify` without a node or a network.
 *
 *   message ConsentProof {
 *     string schema = 1;                   // islet.consent-proof/1
 *     bytes consent = 2;                   // 32
 *     bytes signer = 3;                    // 20
 *     repeated LightBlock trail = 4;       // tendermint.types.LightBlock, ascending; seats where they changed
 *     CommitmentProof in_store = 5;        // ics23
 *     CommitmentProof of_store = 6;        // ics23
 *   }
 *
 * Law: nothing in it is believed but what follows from the anchor that the verifier brings.
 */
import {
  type Address,
  address,
  type Bytes,
  type ConsentId,
  concat,
  consentId,
  equalBytes,
  fromHex,
  type Hash32,
  hash32,
  isIsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import { openAnchor, type TrustAnchor } from './anchor.ts'
import { type ConsentStanding, consentPlace, readConsentWord } from './consent-word.ts'
import { follow, type Trusted, type TrustRules } from './follow.ts'
import { type BlockTime, headerHash } from './header.ts'
import {
  type FinalityCrypto,
  type LightBlock,
  readLightBlock,
  trimVotes,
  writeLightBlock,
} from './light-block.ts'
import { isRefusal, malformed, type RefusalCode } from './refusal.ts'
import { provenWord, type StateProof } from './state-proof.ts'
import { bytesField, messageField, readMessage } from './wire.ts'

const SCHEMA = 'islet.consent-proof/1'

export interface ConsentProof extends StateProof {
  readonly consent: ConsentId
  readonly signer: Address
  /** Blocks to be followed from the anchor, ascending; the last one's header names the state. */
  readonly trail: readonly LightBlock[]
}

/** What a proof proves. */
export interface ConsentProven {
  readonly ok: true
  readonly consent: ConsentId
  readonly signer: Address
  readonly standing: ConsentStanding
  /** The block that names the state: it holds up to the block before. */
  readonly block: { readonly height: number; readonly hash: Hash32; readonly time: BlockTime }
  /** Blocks followed from the anchor. */
  readonly followed: number
}

export type ConsentProofReading =
  | ConsentProven
  | { readonly ok: false; readonly code: RefusalCode; readonly what: string }

export interface ProofRules extends TrustRules {
  /** Where the consent ledger stands; the same in every consortium. */
  readonly consents: Address
}

/** Whether a file is a proof by its first bytes. */
export function isConsentProof(bytes: Uint8Array): boolean {
  const start = bytesField(1, utf8(SCHEMA))
  return equalBytes(bytes.subarray(0, start.length), start)
}

/** Writes a proof for somebody who holds the anchor; each block with the votes that suffice, seats where they changed. */
export function writeConsentProof(proof: ConsentProof, anchored: Trusted): Bytes {
  let known = anchored.header.validatorsHash
  const trail = proof.trail.map((block) => {
    const changed = !equalBytes(block.header.validatorsHash, known)
    known = block.header.validatorsHash
    return messageField(4, writeLightBlock(trimVotes(block), changed))
  })
  return concat(
    bytesField(1, utf8(SCHEMA)),
    bytesField(2, fromHex(proof.consent)),
    bytesField(3, fromHex(proof.signer)),
    ...trail,
    bytesField(5, proof.inStore),
    bytesField(6, proof.ofStore),
  )
}

/** Verifies a proof from an anchor, offline. */
export function verifyConsentProof(
  bytes: Uint8Array,
  anchor: TrustAnchor,
  rules: ProofRules,
  crypto: FinalityCrypto,
): ConsentProofReading {
  try {
    return proven(bytes, openAnchor(anchor, crypto.hasher), rules, crypto)
  } catch (error) {
    if (isRefusal(error)) return { ok: false, code: error.code, what: error.message }
    if (isIsletError(error, 'NOT_UTF8', 'NOT_BASE64URL', 'NOT_HEX')) {
      return { ok: false, code: 'PROOF_MALFORMED', what: error.message }
    }
    throw error
  }
}

function proven(
  bytes: Uint8Array,
  anchored: Trusted,
  rules: ProofRules,
  crypto: FinalityCrypto,
): ConsentProven {
  const message = readMessage(bytes, [1, 2, 3, 5, 6], [4])
  const [id, key] = [message.bytes(2), message.bytes(3)]
  if (!isConsentProof(bytes) || id.length !== 32 || key.length !== 20) {
    throw malformed('this is no proof of a consent')
  }
  const consent = consentId(toHex(id))
  const signer = address(toHex(key))
  let trusted = anchored
  for (const one of message.all(4)) {
    trusted = follow(trusted, readLightBlock(one, trusted.seats), rules, crypto)
  }
  const { header } = trusted
  const proof = { inStore: message.bytes(5), ofStore: message.bytes(6) }
  const word = provenWord(proof, consentPlace(rules.consents, signer), header.appHash, crypto.hasher)
  return {
    ok: true,
    consent,
    signer,
    standing: readConsentWord(word, consent),
    block: {
      height: header.height,
      hash: hash32(toHex(headerHash(header, crypto.hasher))),
      time: header.time,
    },
    followed: message.all(4).length,
  }
}
