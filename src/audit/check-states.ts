/**
 * What the contracts of a consortium hold, proved against the state that the dump's last header names: every member, every
 * seat, and how each consent stands that the blocks told of.
 *
 * Law: which words must be there follows from the blocks and from the state itself (its lists say how long they are), so
 * that no proof can be left out; a word that is shown is proved, or refuses the dump.
 */
import {
  type FinalityCrypto,
  type Header,
  isRefusal,
  type LedgerFacts,
  provenWord,
  readFacts,
  refusal,
  type StoragePlace,
  type ToldConsent,
} from '../finality/index.ts'
import {
  type Bytes,
  type ConsentId,
  fromBase64Url,
  fromHex,
  isIsletError,
  toHex,
} from '../vocabulary/index.ts'
import { parse, STATES, StateSchema, StateStoreSchema } from './dump-format.ts'
import type { Findings } from './finding.ts'

export interface StatesToCheck {
  /** Lines of the dump's file. */
  readonly lines: AsyncIterable<string>
  /** The last header of the dump, believed. */
  readonly end: Header
  /** Consents that blocks before it told of. */
  readonly consents: ReadonlyMap<ConsentId, ToldConsent>
}

/** Gives the facts; undefined where something was found. */
export async function checkStates(
  { lines, end, consents }: StatesToCheck,
  { hasher }: FinalityCrypto,
  findings: Findings,
): Promise<LedgerFacts | undefined> {
  const words = new Map<string, Bytes | undefined>()
  let ofStore: Bytes | undefined
  let read = 0
  try {
    for await (const text of lines) {
      read += 1
      const where = `${STATES}, line ${read}`
      if (ofStore === undefined) {
        const store = parse(StateStoreSchema, text)
        if (store === undefined) return malformed(where, findings)
        ofStore = fromBase64Url(store.store)
        continue
      }
      const state = parse(StateSchema, text)
      if (state === undefined) return malformed(where, findings)
      const place = { contract: state.contract, slot: fromHex(state.slot) }
      const proof = { inStore: fromBase64Url(state.proof), ofStore }
      words.set(nameOf(place), provenWord(proof, place, end.appHash, hasher))
    }
  } catch (error) {
    if (isIsletError(error, 'NOT_BASE64URL')) return malformed(`${STATES}, line ${read}`, findings)
    if (!isRefusal(error)) throw error
    findings.add('STATE_REFUSED', `${STATES}, line ${read}`, `${error.code}: ${error.message}`)
    return undefined
  }
  if (ofStore === undefined) {
    findings.add('STATES_MISSING', STATES)
    return undefined
  }
  try {
    return await readFacts(consents, end, async (place) => wordIn(words, place), hasher)
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (error.code === 'WORD_MISSING') findings.add('STATES_MISSING', STATES, error.message)
    else findings.add('STATE_DIFFERS', STATES, `${error.code}: ${error.message}`)
    return undefined
  }
}

function malformed(where: string, findings: Findings): undefined {
  findings.add('DOCUMENT_MALFORMED', where)
}

function wordIn(words: ReadonlyMap<string, Bytes | undefined>, place: StoragePlace): Bytes | undefined {
  const name = nameOf(place)
  if (!words.has(name)) throw refusal('WORD_MISSING', `slot ${toHex(place.slot)} of ${place.contract}`)
  return words.get(name)
}

function nameOf({ contract, slot }: StoragePlace): string {
  return `${contract} ${toHex(slot)}`
}
