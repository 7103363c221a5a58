/**
 * An emergency call as each of the two institutions keeps it, and as it goes between them.
 */
import Type from 'typebox'
import { Base64UrlField, Hash32Field } from '../api/index.ts'
import {
  CallSchema,
  type Document,
  HandOverSchema,
  ReleaseSchema,
  record,
  Seconds,
  type Shelf,
  ShownName,
  shelfPart,
} from '../consent/browser.door.ts'
import { openPages, type Pages } from './pages.ts'
import { FindingSchema, ReviewSchema } from './signed-review.ts'

const CallState = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('declined'),
  Type.Literal('released'),
  Type.Literal('opened'),
])

/** What came after a call: the patient's word, and what a reviewer of this institution found. */
const afterwards = {
  review: Type.Optional(ReviewSchema),
  finding: Type.Optional(record({ reviewer: ShownName, signed: FindingSchema })),
}

const OwnCallSchema = record({
  call: CallSchema,
  state: CallState,
  release: Type.Optional(ReleaseSchema),
  /** The second's half, sealed to this institution. */
  half: Type.Optional(Base64UrlField),
  /** Analysis under which the newest reading was recorded. */
  analysis: Type.Optional(Hash32Field),
  /** Each time that it was read, and how many sealed hours were opened. */
  reads: Type.Optional(Type.Array(record({ at: Seconds, hours: Type.Integer({ minimum: 0 }) }))),
  ...afterwards,
})
/** A call that this institution made. */
export type OwnCall = Document<typeof OwnCallSchema>

const HeardCallSchema = record({
  call: CallSchema,
  handOver: HandOverSchema,
  /** X-Wing public key of the reader. */
  readerKey: Base64UrlField,
  state: CallState,
  release: Type.Optional(ReleaseSchema),
  half: Type.Optional(Base64UrlField),
  ...afterwards,
})
/** A call that asks this institution. */
export type HeardCall = Document<typeof HeardCallSchema>

/** What the reader sends to the second: checked from the ground, for the second knows nothing of the patient. */
export const CallMessageSchema = record({
  call: CallSchema,
  handOver: HandOverSchema,
  readerKey: Base64UrlField,
})
export const CallAnswerSchema = record({
  state: Type.Union([Type.Literal('waiting'), Type.Literal('declined'), Type.Literal('released')]),
  release: Type.Optional(ReleaseSchema),
  half: Type.Optional(Base64UrlField),
})
export type CallAnswer = Document<typeof CallAnswerSchema>

/** The calls of an institution, its own and those that it heard. */
export interface CallBooks {
  readonly own: Pages<OwnCall>
  readonly heard: Pages<HeardCall>
}

export async function openCallBooks(shelf: Shelf): Promise<CallBooks> {
  return {
    own: await openPages(shelfPart(shelf, 'calls'), OwnCallSchema),
    heard: await openPages(shelfPart(shelf, 'heard'), HeardCallSchema),
  }
}
