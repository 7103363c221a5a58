/**
 * What the ledger keeps of its members: how many there are, who, and how each stands.
 *
 * Law: the list's own length stands in the state, so that no member can be left out or put in.
 * Source: contracts/src/Membership.sol and interfaces/IMembership.sol (`Institution`).
 */
import {
  type Address,
  address,
  type Bytes,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  toHex,
} from '../vocabulary/index.ts'
import { malformed } from './refusal.ts'
import { listedSlot, mappedSlot, slotAfter } from './storage-layout.ts'
import { listLength, type WordReader, wordOrZero } from './word-reader.ts'

export interface ProvenMember {
  readonly id: InstitutionId
  readonly active: boolean
  readonly ledgerKey: Address
  /** Ed25519 public key of its messages and of its log's checkpoints. */
  readonly messageKey: Hash32
}

const IDS_SLOT = 1
const INSTITUTIONS_SLOT = 2
const MOST_MEMBERS = 256
/** Byte of the first word that holds the status, from the left; the 20 bytes behind it are the ledger key. */
const STATUS_AT = 11
const [ACTIVE, SUSPENDED] = [1, 2]

/** Reads all members in the order of their admission. Throws `PROOF_MALFORMED` and what the reader throws. */
export async function readMembers(contract: Address, read: WordReader): Promise<readonly ProvenMember[]> {
  const count = await listLength({ contract, list: IDS_SLOT, most: MOST_MEMBERS }, read)
  const members: ProvenMember[] = []
  for (let place = 0; place < count; place++) {
    const id = institutionId(toHex(await wordOrZero(read({ contract, slot: listedSlot(IDS_SLOT, place) }))))
    const slot = mappedSlot(fromHex(id), INSTITUTIONS_SLOT)
    const entry = await wordOrZero(read({ contract, slot }))
    const messageKey = hash32(toHex(await wordOrZero(read({ contract, slot: slotAfter(slot, 1) }))))
    members.push({ id, ...standingOf(entry), messageKey })
  }
  return members
}

function standingOf(entry: Bytes): Pick<ProvenMember, 'active' | 'ledgerKey'> {
  const status = entry[STATUS_AT]
  if (status !== ACTIVE && status !== SUSPENDED) throw malformed('a word of the membership is none')
  return { active: status === ACTIVE, ledgerKey: address(toHex(entry.subarray(STATUS_AT + 1))) }
}
