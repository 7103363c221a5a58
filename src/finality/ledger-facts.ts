/**
 * What an auditor asks of the state: members, seats, and how every consent stands; read word by word in one order, by whom
 * makes the proofs and by whom checks them.
 *
 * Laws: lists are read by the length that stands in the state; an institution without a seat is shown to have none; the
 * seats are those that the header names for the block after its next.
 */
import type { TreeHasher } from '../vault/index.ts'
import { type Address, address, type ConsentId, equalBytes } from '../vocabulary/index.ts'
import { type ConsentStanding, consentPlace, readConsentWord, sameStanding } from './consent-word.ts'
import type { ToldConsent } from './consents-told.ts'
import type { Header } from './header.ts'
import { type ProvenMember, readMembers } from './member-words.ts'
import { refusal } from './refusal.ts'
import { readNoSeat, readSeatWords } from './seat-words.ts'
import { seatsHash } from './seats.ts'
import type { WordReader } from './word-reader.ts'

/** Where every consortium's contracts stand: they are created by the genesis, in its order (src/ledger/consortium-agreement). */
export const CONSORTIUM_PLACES = {
  membership: address('0x970b7ef641822a57831353226b944d7fb729d385'),
  consents: address('0x0a688b163220e5cf8661fe76f455f304c39a7236'),
  validators: address('0x87c01688d29993b6429e183462b5c2ea11446349'),
} as const satisfies Readonly<Record<string, Address>>

export interface LedgerFacts {
  readonly members: readonly ProvenMember[]
  /** Seats that decide from the header's next block on. */
  readonly seats: number
  readonly consents: ReadonlyMap<ConsentId, ConsentStanding>
}

/**
 * Reads the facts of the state that a header names; `consents` are those that events told of up to there. Throws
 * `SEATS_NOT_NEXT`, `WORD_DIFFERS` where events and state disagree, `PROOF_MALFORMED`, and what the reader throws.
 */
export async function readFacts(
  consents: ReadonlyMap<ConsentId, ToldConsent>,
  { nextValidatorsHash, height }: Header,
  read: WordReader,
  hasher: TreeHasher,
): Promise<LedgerFacts> {
  const members = await readMembers(CONSORTIUM_PLACES.membership, read)
  const { seats, holders } = await readSeatWords(CONSORTIUM_PLACES.validators, read, hasher)
  if (!equalBytes(seatsHash(seats, hasher), nextValidatorsHash)) {
    throw refusal('SEATS_NOT_NEXT', 'the state has other seats than the header names', { height })
  }
  for (const { id } of members) {
    if (!holders.has(id)) await readNoSeat(CONSORTIUM_PLACES.validators, id, read)
  }
  const proven = new Map<ConsentId, ConsentStanding>()
  for (const [id, { signer, standing }] of consents) {
    const stands = readConsentWord(await read(consentPlace(CONSORTIUM_PLACES.consents, signer)), id)
    if (!sameStanding(stands, standing)) {
      throw refusal('WORD_DIFFERS', `consent ${id} does not stand in the state as its events say`, { height })
    }
    proven.set(id, stands)
  }
  return { members, seats: seats.length, consents: proven }
}
