/**
 * What a verification can find, each by a code of its own, in words that an auditor can act on.
 *
 * Law: a finding names the rule that is broken and the place, never a person: nothing in a dump could name one.
 */

/** Every code and what it says. */
export const FINDINGS = {
  // the dump's files
  MANIFEST_ALTERED: 'the manifest is not the one that was written: its own digest does not fit',
  MANIFEST_WRONG: 'the manifest says something else than the ledger of the same dump',
  FILE_MISSING: 'a file of the manifest is missing',
  FILE_ALTERED: 'a file is not the one that the manifest names',
  FILE_UNLISTED: 'a file stands in the dump that the manifest does not name',
  DOCUMENT_MALFORMED: 'a file of the dump does not have its form',

  // the ledger
  JOURNAL_CORRUPT: 'a record of the journal is not the one its checksum was made from',
  JOURNAL_MALFORMED: 'the journal is no journal of this product',
  JOURNAL_OUT_OF_ORDER: 'a block does not follow the one before it',
  JOURNAL_TORN: 'the journal ends inside a record',
  REPLAY_DIFFERS: 'replaying the transactions gives other blocks than the ones recorded',
  CONTRACT_BUILD_UNKNOWN: 'the dump was made with contracts of another build than this version knows',
  CONTRACT_CODE_DIFFERS: 'an address of the deployment does not hold the committed contract',
  MODEL_DIFFERS: 'the contracts answered otherwise than their rules say',
  CALL_NOT_FOLLOWED: 'an event came out of a call through a foreign contract, which is not followed',
  CONSENT_REVIVED: 'a consent came back after it had ended',
  ACTED_WHILE_SUSPENDED: 'an institution acted on the ledger while it was suspended',
  SLOT_OUT_OF_ORDER: 'an anchor slot does not come after the one before it',
  COUNT_NOT_PADDED: 'the count of an anchored slot is not padded to a power of two',

  // signed heads
  COMMITS_MISSING: 'blocks are not in the dump with what their validators signed',
  COMMIT_REFUSED: 'a block is not one that its validators decided, or not the one that the anchor pins',
  COMMIT_DIFFERS:
    'the journal has another block than its validators signed: other transactions, time or past',
  STATES_MISSING: 'what a contract holds is not proved in the dump',
  STATE_REFUSED: 'a proof of what a contract holds does not lead to the state that the last header names',
  STATE_DIFFERS: 'a contract holds something else than the blocks of the same dump say',
  HEAD_MISSING: 'no head that an operator or member signed is in the dump',
  HEAD_SIGNATURE_WRONG: 'who is named in this head did not sign it',
  HEAD_OF_ANOTHER_CHAIN: 'a head belongs to another chain, or to nobody who seals this one',
  HEAD_FORKED: 'at the height of a signed head the ledger has another block: its past was rewritten',
  DUMP_CUT_SHORT: 'the dump ends before a head that somebody else holds',

  // the access logs
  LOG_CHECKPOINT_MISSING: 'an access log has entries and no signed checkpoint',
  LOG_CHECKPOINT_MALFORMED: 'the checkpoint of an access log is no signed note',
  LOG_ORIGIN_WRONG: 'the checkpoint is of another log',
  LOG_SIGNATURE_WRONG: 'the checkpoint is not signed by a key that the ledger held for this institution',
  LOG_KEY_OUT_OF_TIME: 'the checkpoint is signed by a key that the institution no longer held',
  LOG_COSIGNATURE_WRONG: 'a witness did not sign this checkpoint',
  LOG_TRUNCATED: 'entries are missing that a signed checkpoint counts',
  LOG_LEAF_WRONG: 'an entry of an access log is not the one that was logged',
  LOG_TILE_WRONG: 'a tile of an access log is not that of its entries',
  LOG_ROOT_WRONG: 'the entries do not have the root that was signed',
  LOG_ANCHOR_DIFFERS: 'an access log is not the one that was anchored on the ledger',
  LOG_CUT_BEHIND_ANCHOR: 'an access log is shorter than it was when it was anchored on the ledger',
  LOG_ENTRY_MALFORMED: 'an entry of an access log does not have its form',
  LOG_COMMITMENT_BROKEN: 'the sealed part of an entry is not what the entry commits to',

  // accesses
  ACCESS_WITHOUT_CONSENT: 'an access names a consent that was never given',
  ACCESS_BEFORE_GRANT: 'an access took place before its consent was on the ledger',
  ACCESS_AFTER_REVOKE: 'an access took place after its consent was revoked',
  ACCESS_AFTER_EXPIRY: 'an access took place after its consent had expired',
  ACCESS_BY_SUSPENDED: 'an institution gave or took data while it was suspended',
  ACCESS_BLOCK_UNKNOWN: 'an access names a block that the ledger does not have',
  ACCESS_TIME_IMPLAUSIBLE: 'the instant of an access does not fit the block it names',
  ACCESS_BACKDATED: 'an access was logged later than it says: it stands behind a newer anchor of its log',
  ACCESS_NOT_LOGGED: 'a reader recorded an access that the custodian did not log',
  ACCESS_COUNT_DIFFERS: 'custodian and reader recorded another number of records for one access',

  // objects and slots
  SLOT_MISSING: 'a slot is anchored and its leaves are not in the dump',
  SLOT_NOT_ANCHORED: 'the leaves of a slot are in the dump and the slot is not on the ledger',
  SLOT_ROOT_ALTERED: 'the dump names another root for a slot than the ledger holds',
  LEAF_LIST_ALTERED: 'the leaves of a slot do not have the root that was anchored',
  LEAF_UNACCOUNTED: 'a leaf stands for nothing: no object, no padding, no erasure',
  ERASURE_NOT_LISTED: 'a leaf is said to be erased, and no erasure accounts for it',
  OBJECT_MISSING: 'an object that a leaf stands for is missing',
  OBJECT_ALTERED: 'an object is not what its name says',
  OBJECT_SWAPPED: 'an object stands under the name of another',
  OBJECT_NOT_OF_LEAF: 'an object is not the one its leaf was made from',
  OBJECT_WITHOUT_LEAF: 'an object stands under no anchored leaf',
  ANALYSIS_FORGED: 'a recorded result is not signed by the institution it names',
  ANALYSIS_NOT_OF_LEAF: 'a recorded result does not stand under an anchored leaf',
  ANALYSIS_INPUT_WRONG: 'a recorded result names a consent or a root that the ledger does not have',
  REVISION_MISSING: 'an earlier revision of an hour is gone: a correction replaced instead of being appended',
} as const

export type FindingCode = keyof typeof FINDINGS

export interface Finding {
  readonly code: FindingCode
  readonly what: string
  /** File, block, entry or slot. */
  readonly where: string
}

/** Findings of one code are listed up to this many; the rest is counted. */
const LISTED = 20

export class Findings {
  readonly #listed: Finding[] = []
  readonly #counts = new Map<FindingCode, number>()

  add(code: FindingCode, where: string, more = ''): void {
    const count = (this.#counts.get(code) ?? 0) + 1
    this.#counts.set(code, count)
    if (count <= LISTED) this.#listed.push({ code, what: `${FINDINGS[code]}${more && `: ${more}`}`, where })
  }

  has(code: FindingCode): boolean {
    return this.#counts.has(code)
  }

  get list(): readonly Finding[] {
    const rest = [...this.#counts].filter(([, count]) => count > LISTED)
    return [
      ...this.#listed,
      ...rest.map(([code, count]) => ({ code, what: FINDINGS[code], where: `and ${count - LISTED} more` })),
    ]
  }
}
