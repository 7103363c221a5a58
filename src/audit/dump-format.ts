/**
 * What a dump is made of: files and their forms. Everything in it is public or salted; nothing names a person.
 *
 *   manifest.json                             islet.dump/1: what is here, with the hash of every file and of itself
 *   ledger/journal                            the raw transactions of every block
 *   ledger/heads.jsonl                        signed heads: the newest, and those that institutions keep
 *   ledger/commits.jsonl                      on a consortium: every block's header, votes, seats, transactions, outcomes
 *   ledger/states.jsonl                       on a consortium: members, seats and consents, proved in the last header's state
 *   institutions/<key>/log/…                  access log: tiles, entries, newest checkpoint (C2SP tlog-tiles)
 *   institutions/<key>/slots.jsonl            every closed anchor slot: leaves, and what each leaf stands for
 *   institutions/<key>/objects.jsonl          name and size of every sealed object
 *   institutions/<key>/objects/<cid>          the sealed objects themselves, when they are included
 *   institutions/<key>/reads.jsonl            what this institution read elsewhere, by its own record
 *   institutions/<key>/results.jsonl          results of analyses: inputs, code and provenance, signed by the institution
 *   institutions/<key>/erased.txt             hashes of the handles of those who were erased
 *
 * Law: each line of a .jsonl file is one document in canonical JSON (RFC 8785); each document is checked once, here.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { Base64UrlField, CidField, Hash32Field } from '../api/index.ts'
import { SignedAnalysisSchema } from '../consent/index.ts'
import {
  type Address,
  type Bytes,
  canonicalJson,
  fromBase64Url,
  type InstitutionId,
  IsletError,
  isIsletError,
  type Json,
} from '../vocabulary/index.ts'

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const AddressField = Type.Unsafe<Address>({ type: 'string', pattern: '^0x[0-9a-f]{40}$' })
const Id = Type.Unsafe<InstitutionId>({ type: 'string', pattern: '^0x[0-9a-f]{64}$' })
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' })

function record<Members extends Record<string, TSchema>>(members: Members) {
  return Type.Object(members, { additionalProperties: false })
}

const PerContract = <S extends TSchema>(schema: S) =>
  record({ membership: schema, consents: schema, anchors: schema })

export const ManifestSchema = record({
  schema: Type.Literal('islet.dump/1'),
  engine: Type.Union([Type.Literal('single-operator ledger'), Type.Literal('consortium')]),
  chainId: Count,
  genesisHash: Hash32Field,
  operator: AddressField,
  head: record({ height: Count, hash: Hash32Field }),
  deployment: PerContract(AddressField),
  /** What the contracts were built from, and SHA-256 of each contract's code. */
  contracts: record({ compiler: Type.String(), sourceHash: Digest, code: PerContract(Digest) }),
  institutions: Type.Array(
    record({
      id: Id,
      key: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
      name: Type.String({ maxLength: 200 }),
      /** Entries of its access log that stood behind the newest signed checkpoint: left out, for nothing vouches for them yet. */
      unsigned: Count,
    }),
    { maxItems: 256 },
  ),
  objects: Type.Union([Type.Literal('included'), Type.Literal('names')]),
  files: Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$', maxLength: 200 }),
    record({ bytes: Count, sha256: Digest }),
  ),
})
export type Manifest = Static<typeof ManifestSchema>

/** What one leaf of a slot stands for: one chunk of an object. */
const LeafSchema = record({
  cid: CidField,
  part: Type.Integer({ minimum: 0, maximum: 65_535 }),
  /** Which hour and revision the custodian indexed it under; kind by its number. */
  kind: Type.Integer({ minimum: 0, maximum: 255 }),
  hour: Count,
  revision: Count,
  overflow: Type.Integer({ minimum: 0, maximum: 65_535 }),
  salt: Base64UrlField,
})

/** Leaves that were placed together: the chunks of one append, or what an erasure left of them. */
const BatchSchema = Type.Union([
  record({ leaves: Type.Array(LeafSchema, { maxItems: 1_000_000 }) }),
  record({ erased: Count, entry: Digest }),
  /** A recorded result, by the hash of its document. */
  record({ analysis: Hash32Field }),
])
export type DumpBatch = Static<typeof BatchSchema>

export const SlotSchema = record({
  slot: Count,
  root: Hash32Field,
  count: Count,
  block: Count,
  /** Hashes of all leaves, padding included. */
  leaves: Base64UrlField,
  /** With the objects only: what each leaf stands for, in order, and the salts of the padding behind them. */
  stands: Type.Optional(record({ batches: Type.Array(BatchSchema), padding: Base64UrlField })),
})
export type DumpSlot = Static<typeof SlotSchema>

/** A block as its validators decided it, and what it did. */
export const CommitSchema = record({
  /** `tendermint.types.LightBlock`; its seats are left out where they are those of the block before. */
  block: Base64UrlField,
  transactions: Type.Array(Base64UrlField),
  outcomes: Type.Array(record({ code: Count, data: Base64UrlField, gasWanted: Count, gasUsed: Count })),
})
export type DumpCommit = Static<typeof CommitSchema>

/** The first line of the states: the proof of the store that all of them stand in, `ics23.CommitmentProof`. */
export const StateStoreSchema = record({ store: Base64UrlField })

/** A word of a contract's storage, or that none stands there: `ics23.CommitmentProof` in the store. */
export const StateSchema = record({ contract: AddressField, slot: Hash32Field, proof: Base64UrlField })
export type DumpState = Static<typeof StateSchema>

export const ObjectSchema = record({ cid: CidField, bytes: Count })
export type DumpObject = Static<typeof ObjectSchema>

export const ReadSchema = record({
  consent: Hash32Field,
  custodian: Type.Union([Id, Type.Null()]),
  at: Type.Number({ minimum: 0 }),
  block: Count,
  count: Count,
})
export type DumpRead = Static<typeof ReadSchema>

/** A recorded result with its provenance, and where its leaf stands. */
export const ResultSchema = record({
  analysis: SignedAnalysisSchema,
  slot: Count,
  index: Count,
  salt: Base64UrlField,
})
export type DumpResult = Static<typeof ResultSchema>

export const MANIFEST = 'manifest.json'
export const JOURNAL = 'ledger/journal'
export const COMMITS = 'ledger/commits.jsonl'
export const STATES = 'ledger/states.jsonl'
export const HEADS = 'ledger/heads.jsonl'

/** Paths of one institution's files. */
export function institutionPaths(key: string) {
  const folder = `institutions/${key}`
  return {
    folder,
    log: `${folder}/log`,
    slots: `${folder}/slots.jsonl`,
    objectList: `${folder}/objects.jsonl`,
    objects: `${folder}/objects`,
    reads: `${folder}/reads.jsonl`,
    results: `${folder}/results.jsonl`,
    erased: `${folder}/erased.txt`,
  }
}

/** One line of a .jsonl file. */
export function line(document: object): string {
  return `${canonicalJson(document as Json)}\n`
}

/** A document of the dump, checked; undefined when it does not have its form. */
export function parse<S extends TSchema>(schema: S, text: string): Static<S> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return Value.Check(schema, value) ? value : undefined
}

/** Checks a document before it is written. Throws `DUMP_DOCUMENT_WRONG`. */
export function checkedLine<S extends TSchema>(schema: S, document: Static<S> & object): string {
  if (!Value.Check(schema, document)) {
    throw new IsletError('DUMP_DOCUMENT_WRONG', 'a document of the export does not have its form')
  }
  return line(document)
}

/** Bytes out of base64url; undefined where it is none, or not in the one spelling. */
export function bytesOf(text: string): Bytes | undefined {
  try {
    return fromBase64Url(text)
  } catch (error) {
    if (isIsletError(error, 'NOT_BASE64URL')) return undefined
    throw error
  }
}
