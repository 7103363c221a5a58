/**
 * What a custodian answers to a read and a search.
 */
import Type from 'typebox'
import { Base64UrlField, Hash32Field, KindField } from '../api/index.ts'
import { Count, type Document, Generation, Hour, manyOf, record, Seconds } from './document.ts'
import { HandOverSchema } from './hand-over.ts'
import { SignedEnvelopeSchema } from './signed-envelope.ts'

/** A chunk served: where it belongs and where its leaf stands. Bytes and salts lie in the bundles, in this order. */
export const ServedChunkSchema = record({
  kind: KindField,
  generation: Generation,
  hour: Hour,
  revision: Count,
  overflow: Count,
  slot: Count,
  index: Count,
})
export type ServedChunk = Document<typeof ServedChunkSchema>

export const ReadAnswerSchema = record({
  /** The instant and block at which it was decided. */
  at: Seconds,
  block: Count,
  /** Says which sealed bytes answer the whole question, and nothing else; without chunks where the reader knows it. */
  mark: Type.Optional(Hash32Field),
  chunks: manyOf(ServedChunkSchema, 100_000),
  objects: Base64UrlField,
  /** Per chunk the salt of its leaf, 32 bytes, joined. */
  salts: Base64UrlField,
  /** Per anchored slot the paths of its chunks together, in their order here (`verifyShared`). */
  paths: Base64UrlField,
  /** Anchors of the slots named, in the order of their paths; a slot that is still open is not among them. */
  slots: manyOf(record({ slot: Count, root: Hash32Field, count: Count, block: Count }), 100_000),
  envelope: Type.Union([SignedEnvelopeSchema, Type.Null()]),
  /** Where the next page begins. */
  next: Type.Union([Count, Type.Null()]),
})
export type ReadAnswer = Document<typeof ReadAnswerSchema>

export const SearchAnswerSchema = record({
  at: Seconds,
  block: Count,
  /** Hours that hold something, as runs. */
  found: manyOf(record({ kind: KindField, first: Hour, end: Hour }), 100_000),
})
export type SearchAnswer = Document<typeof SearchAnswerSchema>

export const AccessesAnswerSchema = record({
  /** Entries of the patient, with their places in the log. */
  entries: manyOf(record({ index: Count, entry: Base64UrlField, path: Base64UrlField }), 100_000),
  /** Signed checkpoint that the paths lead to. */
  checkpoint: Type.String(),
  size: Count,
  /** Proof from the size the patient saw last. */
  consistency: Base64UrlField,
  /** Proof from the anchored size that the order names. */
  anchored: Base64UrlField,
  next: Type.Union([Count, Type.Null()]),
})
export type AccessesAnswer = Document<typeof AccessesAnswerSchema>

export const AppendAnswerSchema = record({ slot: Count, chunks: Count })
export const EnvelopeAnswerSchema = record({
  envelope: Type.Union([SignedEnvelopeSchema, Type.Null()]),
  /** Grants that name the delegate who asks; only when no consent was named. */
  grants: manyOf(HandOverSchema, 1_000),
})
