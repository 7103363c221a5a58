/**
 * A site's update as it lies in the object store: what was trained, bound to its study, round and site.
 *
 * Laws: the ledger names its bytes before anyone can see them, and the salt inside hides what they are until then; a
 * document of another place is refused, whoever brings it. It counts windows and never people. Bytes are never written to
 * once they are an update's: what was read of an array is read of it once, for all sites of a process.
 */
import Type, { type Static } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { Hash32Field, InstitutionIdField, oneOf } from '../api/index.ts'
import {
  type Bytes,
  canonicalJson,
  fromBase64Url,
  fromUtf8,
  type Hash32,
  IsletError,
  toBase64Url,
  utf8,
} from '../vocabulary/index.ts'
import type { SitePart, SiteTraining } from './learner.ts'
import { type Equivocation, WORD_KINDS } from './site-words.ts'
import { type CommittedUpdate, updateCommitment, updateHash } from './study-hash.ts'

const SignedWordText = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 32 << 10 })
const ShownEquivocation = Type.Object(
  {
    site: InstitutionIdField,
    kind: oneOf(WORD_KINDS),
    words: Type.Tuple([SignedWordText, SignedWordText]),
  },
  { additionalProperties: false },
)

const UpdateDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.update/1'),
    study: Hash32Field,
    round: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
    site: InstitutionIdField,
    salt: Hash32Field,
    /** Windows learned from. */
    examples: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
    /** The update as learning spells it, base64url. */
    answer: Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 40_000_000 }),
    metrics: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Number(), {
      maxProperties: 32,
    }),
    /** Masked rounds: all whose shares went into the masks. */
    sharers: Type.Optional(Type.Array(InstitutionIdField, { minItems: 1, maxItems: 256, uniqueItems: true })),
    /** Masked rounds: whom the site left out because they said two different things, and both signed words. */
    equivocations: Type.Optional(Type.Array(ShownEquivocation, { minItems: 1, maxItems: 512 })),
  },
  { additionalProperties: false },
)
type UpdateDocument = Static<typeof UpdateDocument>

/** Where an update belongs. */
export type UpdatePlace = Pick<CommittedUpdate, 'round' | 'site' | 'study'>

export interface WrittenUpdate {
  readonly bytes: Bytes
  readonly update: Hash32
  readonly salt: Hash32
  readonly commitment: Hash32
}

/** Spells an update. */
export function writeUpdate(place: UpdatePlace, salt: Hash32, training: SiteTraining): WrittenUpdate {
  const document = {
    schema: 'islet.study.update/1',
    study: place.study,
    round: place.round,
    site: place.site,
    salt,
    examples: training.examples,
    answer: toBase64Url(training.answer),
    metrics: { ...training.metrics },
    ...(training.sharers === undefined ? {} : { sharers: [...training.sharers] }),
    ...(training.equivocations === undefined
      ? {}
      : { equivocations: [...training.equivocations].map(shown) }),
  } satisfies UpdateDocument
  const bytes = utf8(canonicalJson(document))
  const update = updateHash(bytes)
  // What nobody could read is not at hand either: it is refused here as anywhere.
  if (isDocument(document))
    known.set(bytes, { named: update, document: { ...document, answer: training.answer } })
  return { bytes, update, salt, commitment: updateCommitment({ ...place, update, salt }) }
}

interface ReadDocument extends Omit<UpdateDocument, 'answer'> {
  readonly answer: Bytes
}

/** By bytes that are still in memory, under the hash that they were found to have. */
const known = new WeakMap<Bytes, { readonly named: Hash32; readonly document: ReadDocument }>()

/** The hash of an update's bytes, at hand where it was found before. */
export function nameOfUpdate(bytes: Bytes): Hash32 {
  return known.get(bytes)?.named ?? updateHash(bytes)
}

let validator: Validator<Record<never, never>, typeof UpdateDocument> | undefined

function isDocument(value: unknown): value is UpdateDocument {
  validator ??= Compile(UpdateDocument)
  return validator.Check(value)
}

/**
 * Reads an update that the ledger names. Throws `UPDATE_NOT_THE_BYTES` on other bytes, `UPDATE_REFUSED` (facts.because)
 * on a document that is malformed or of another place.
 */
export function readUpdate(
  bytes: Bytes,
  named: Hash32,
  place: UpdatePlace,
): { readonly part: SitePart; readonly salt: Hash32 } {
  const document = documentIn(bytes, named, place)
  if (document.study !== place.study) throw refused('OTHER_STUDY', place)
  if (document.round !== place.round) throw refused('OTHER_ROUND', place)
  if (document.site !== place.site) throw refused('OTHER_SITE', place)
  const { examples, metrics, answer, salt, sharers, equivocations } = document
  const part = { site: place.site, examples, metrics, answer }
  const masked = {
    ...(sharers === undefined ? {} : { sharers }),
    ...(equivocations === undefined ? {} : { equivocations }),
  }
  return { part: { ...part, ...masked }, salt }
}

function documentIn(bytes: Bytes, named: Hash32, place: UpdatePlace): ReadDocument {
  const before = known.get(bytes)
  if (before?.named === named) return before.document
  if (updateHash(bytes) !== named)
    throw new IsletError('UPDATE_NOT_THE_BYTES', 'the bytes are not those that the ledger names', {
      round: place.round,
    })
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw refused('NOT_JSON', place, cause)
  }
  if (!isDocument(value)) throw refused('WRONG_SHAPE', place)
  const document = { ...value, answer: fromBase64Url(value.answer) }
  known.set(bytes, { named, document })
  return document
}

/** Equivocations that a site noted for itself. Throws `JOURNAL_DAMAGED`. */
export function readEquivocations(bytes: Bytes): readonly Equivocation[] {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw damaged(cause)
  }
  notes ??= Compile(Type.Array(ShownEquivocation))
  if (!notes.Check(value)) throw damaged()
  return value
}

let notes:
  | Validator<Record<never, never>, ReturnType<typeof Type.Array<typeof ShownEquivocation>>>
  | undefined

function damaged(cause?: unknown): IsletError {
  return new IsletError('JOURNAL_DAMAGED', 'a site’s note on whom it left out cannot be read', {}, { cause })
}

function shown({ site, kind, words: [one, other] }: Equivocation): Static<typeof ShownEquivocation> {
  return { site, kind, words: [one, other] }
}

function refused(because: string, { round }: UpdatePlace, cause?: unknown): IsletError {
  return new IsletError('UPDATE_REFUSED', 'a site’s update cannot be used', { because, round }, { cause })
}
