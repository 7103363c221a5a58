/**
 * The words of sites as signed documents on a shelf, whoever carries it.
 *
 * Law: a word counts with the Ed25519 signature of the institution that the ledger names as its sender, and for the
 * place that stands in what is signed; anything else on the shelf is as if it were not there. Where a second, different
 * word comes for a place, the first one counts on and both are kept.
 */
import { Compile, type Validator } from 'typebox/compile'
import type { Shelf } from '../consent/browser.door.ts'
import { type Ed25519, type Signer, signDocument, verifyDocument } from '../identity/index.ts'
import {
  type Bytes,
  canonicalJson,
  equalBytes,
  fromBase64Url,
  fromUtf8,
  type Hash32,
  hash32,
  type InstitutionId,
  toBase64Url,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import {
  type Equivocation,
  type SiteWord,
  SiteWordDocument,
  type SiteWords,
  type WordKind,
  type WordOf,
  type WordPlace,
} from './site-words.ts'

export interface SignedWordsParts {
  /** Where all sites of the study put and find words. */
  readonly shelf: Pick<Shelf, 'get' | 'put'>
  /** The institution's message key. */
  readonly signer: Signer
  readonly ed: Ed25519
  /** The message key that the ledger has of an institution; undefined for none. */
  readonly keyOf: (site: InstitutionId) => Promise<Hash32 | undefined>
}

const TYPE = 'islet.study-word/1'
/** Words kept at hand: those of one round of many sites. */
const MOST_KNOWN = 1_024
const SIGNATURE = /^[A-Za-z0-9_-]{86}$/
let validator: Validator<Record<never, never>, typeof SiteWordDocument> | undefined

/** Throws the codes of the shelf. `heard`: what others said, where several sites of a process listen together. */
export function signedWords(parts: SignedWordsParts, heard = heardWords(parts)): SiteWords {
  const { shelf, signer } = parts
  return {
    ...heard,
    say: async (word) => {
      const { signature } = signDocument(TYPE, word, signer)
      const bytes = utf8(canonicalJson({ word, signature }))
      await shelf.put(placeOf(word, word.kind), bytes)
      heard.signed(word, bytes, hash32(toHex(signer.publicKey)))
    },
  }
}

/** Words for who says none. */
export type HeardWords = Pick<SiteWords, 'equivocation' | 'heard' | 'isEquivocation'>

/** The same where sites of this process speak. */
interface HeardHere extends HeardWords {
  /** Takes bytes that were signed in this process by the key: their signature is not verified again. */
  signed(word: SiteWord, bytes: Bytes, key: Hash32): void
}

/** What others said, for who says nothing. Throws the codes of the shelf. */
export function heardWords({ shelf, ed, keyOf }: Omit<SignedWordsParts, 'signer'>): HeardHere {
  const checked = async (place: WordPlace, kind: WordKind, bytes: Uint8Array) => {
    const key = await keyOf(place.site)
    const word = key === undefined ? undefined : signedWord(bytes, key, ed)
    return word !== undefined && isOf(word, place, kind)
  }
  const isTwo: SiteWords['isEquivocation'] = async (round, { site, kind, words: [one, other] }) => {
    const place = { ...round, site }
    const [a, b] = [fromBase64Url(one), fromBase64Url(other)]
    return isOther(a, b) && (await checked(place, kind, a)) && (await checked(place, kind, b))
  }
  /** Words whose signature held, by their place, with the bytes and the key that it held for. */
  const known = new Map<string, { readonly bytes: Bytes; readonly key: Hash32; readonly word: SiteWord }>()
  const keep = (name: string, word: SiteWord, bytes: Bytes, key: Hash32): void => {
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(name, { bytes, key, word })
  }
  const find = async (name: string, place: WordPlace, kind: WordKind): Promise<SiteWord | undefined> => {
    const key = await keyOf(place.site)
    // The shelf is asked last: who joins this search sees no older shelf than by a search of their own.
    const bytes = key === undefined ? undefined : await shelf.get(name)
    if (bytes === undefined || key === undefined) return undefined
    const before = known.get(name)
    const isKnown = before?.key === key && isOf(before.word, place, kind)
    if (isKnown && equalBytes(before.bytes, bytes)) return before.word
    const word = signedWord(bytes, key, ed)
    if (word === undefined || !isOf(word, place, kind)) return undefined
    if (isKnown) {
      await shelf.put(name, before.bytes)
      await keepOther(shelf, place, kind, bytes)
      return before.word
    }
    keep(name, word, bytes, key)
    return word
  }
  const findTwo = async (place: WordPlace, kind: WordKind): Promise<Equivocation | undefined> => {
    const other = await shelf.get(otherOf(place, kind))
    const first = other === undefined ? undefined : await shelf.get(placeOf(place, kind))
    if (first === undefined || other === undefined) return undefined
    const shown = { site: place.site, kind, words: inOrder(first, other) }
    return (await isTwo(place, shown)) ? shown : undefined
  }
  const search = joined<SiteWord>()
  const searchTwo = joined<Equivocation>()
  return {
    signed: (word, bytes, key) => {
      const name = placeOf(word, word.kind)
      // The first word counts, whoever says another.
      if (!known.has(name)) keep(name, word, bytes, key)
    },
    heard: async <Kind extends WordKind>(place: WordPlace, kind: Kind): Promise<WordOf<Kind> | undefined> => {
      const name = placeOf(place, kind)
      const word = await search(name, () => find(name, place, kind))
      return word !== undefined && isOf(word, place, kind) ? word : undefined
    },
    equivocation: (place, kind) => searchTwo(placeOf(place, kind), () => findTwo(place, kind)),
    isEquivocation: isTwo,
  }
}

/** Searches by name: who looks for what another is looking for waits for that one's answer. */
function joined<Found>(): (
  name: string,
  find: () => Promise<Found | undefined>,
) => Promise<Found | undefined> {
  const underWay = new Map<string, Promise<Found | undefined>>()
  return (name, find) => {
    const before = underWay.get(name)
    if (before !== undefined) return before
    const search = find().finally(() => underWay.delete(name))
    underWay.set(name, search)
    return search
  }
}

/** Keeps a word, whose signature holds, beside the one that lies in its place, where it says something else. */
export async function keepOther(
  shelf: SignedWordsParts['shelf'],
  place: WordPlace,
  kind: WordKind,
  bytes: Uint8Array,
): Promise<void> {
  const there = await shelf.get(placeOf(place, kind))
  if (there !== undefined && isOther(there, bytes)) await shelf.put(otherOf(place, kind), bytes)
}

/** Whether two texts say different words: spelling the same word in another way says nothing else. */
function isOther(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [readWord(one)?.word, readWord(other)?.word]
  return a !== undefined && b !== undefined && canonicalJson(a) !== canonicalJson(b)
}

/** Every word that lies in a place. */
export async function wordsIn(
  shelf: Pick<Shelf, 'get'>,
  place: WordPlace,
  kind: WordKind,
): Promise<readonly Bytes[]> {
  const found = await Promise.all([shelf.get(placeOf(place, kind)), shelf.get(otherOf(place, kind))])
  return found.flatMap((bytes) => bytes ?? [])
}

function inOrder(first: Uint8Array, other: Uint8Array): Equivocation['words'] {
  const [a, b] = [toBase64Url(first), toBase64Url(other)]
  return a < b ? [a, b] : [b, a]
}

/** The word in bytes that came from anywhere; undefined where the key did not sign it. */
export function signedWord(bytes: Uint8Array, key: Hash32, ed: Ed25519): SiteWord | undefined {
  const read = readWord(bytes)
  if (read === undefined) return undefined
  const document = { type: TYPE, body: read.word, signer: key, signature: read.signature } as const
  return verifyDocument(document, { type: TYPE, signer: key }, ed) ? read.word : undefined
}

/** Where a second, different word for a place is kept. */
function otherOf(place: WordPlace, kind: WordKind): string {
  return `${placeOf(place, kind)}.other`
}

/** The name of a word on a shelf. */
export function placeOf({ study, round, site }: WordPlace, kind: WordKind): string {
  return `${study.slice(2)}/${round}/${kind}-${site.slice(2)}`
}

function isOf<Kind extends WordKind>(word: SiteWord, place: WordPlace, kind: Kind): word is WordOf<Kind> {
  const { study, round, site } = place
  return word.kind === kind && word.study === study && word.round === round && word.site === site
}

function readWord(bytes: Uint8Array): { readonly word: SiteWord; readonly signature: string } | undefined {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('word' in value) || !('signature' in value))
    return undefined
  const { word, signature } = value
  validator ??= Compile(SiteWordDocument)
  if (!validator.Check(word) || typeof signature !== 'string' || !SIGNATURE.test(signature)) return undefined
  return { word, signature }
}
