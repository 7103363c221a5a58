/**
 * Documents that come from others: checked once against a schema at the border, typed from there on.
 *
 * Law: a refused document names the place in it and never repeats its content (DESIGN law 8); what a signature covers
 * is the document's type and its canonical JSON, so a signature for one type never serves for another.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/schema'
import { Hash32Field, HourField, SignatureField } from '../api/index.ts'
import {
  type DocumentType,
  type Ed25519,
  type Signer,
  signDocument,
  verifyDocument,
} from '../identity/index.ts'
import { type Hash32, type Hex, IsletError, type Json, type UnixSeconds } from '../vocabulary/index.ts'

/** The year 2139, where the hour tree ends. */
const LAST_SECOND = 5_340_000_000

/** 65 bytes: r ‖ s ‖ v. */
export const LedgerSignature = Type.Unsafe<Hex>({ type: 'string', pattern: '^0x[0-9a-f]{130}$' })
/** A 64-bit number, in digits, because JSON numbers cannot hold all of them. */
export const Uint64Digits = Type.String({ pattern: '^(0|[1-9][0-9]{0,18})$' })
/** Whole seconds since 1970. */
export const Seconds = Type.Unsafe<UnixSeconds>({
  type: 'integer',
  minimum: -2_208_988_800,
  maximum: LAST_SECOND,
})
/** An instant that may have a fraction, as records have them; seconds since 1970, 1900–2139. */
export const Moment = Type.Number({ minimum: -2_208_988_800, maximum: LAST_SECOND })
export const Hour = HourField
export const Count = Type.Integer({ minimum: 0, maximum: 4_294_967_295 })
/** Number of a key generation, from 0. */
export const Generation = Type.Integer({ minimum: 0, maximum: 65_535 })
/** A name shown to a person: nothing invisible and no change of direction hides in it. */
export const ShownName = Type.String({
  minLength: 1,
  maxLength: 80,
  pattern:
    '^[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]+$',
})

/** Read-only through and through; primitives (branded ones too) and open JSON stay as they are. */
type Frozen<T> = [Json] extends [T]
  ? T
  : T extends string | number | boolean | bigint | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Frozen<Item>[]
      : { readonly [Key in keyof T]: Frozen<T[Key]> }

/** The type of a checked document. */
export type Document<Schema extends TSchema> = Frozen<Static<Schema>>

/** An object of exactly these members. */
export function record<Members extends Record<string, TSchema>>(members: Members) {
  return Type.Object(members, { additionalProperties: false })
}

export const Window = record({ first: Hour, end: Hour })

/** A non-empty list in which nothing stands twice. */
export function listOf<Item extends TSchema>(item: Item, maxItems: number) {
  return Type.Array(item, { minItems: 1, maxItems, uniqueItems: true })
}

/** A list that may be empty. */
export function manyOf<Item extends TSchema>(item: Item, maxItems: number) {
  return Type.Array(item, { maxItems })
}

/** Whatever JSON says, typed by its schema. Throws `DOCUMENT_REFUSED` naming the field. */
export function parseDocument<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  what: string,
): Document<Schema> {
  if (isOf(schema, value)) return value
  const [, [first]] = validatorOf(schema).Errors(value)
  throw new IsletError(
    'DOCUMENT_REFUSED',
    `the ${what} does not have its form: ${first?.keyword ?? 'unknown'}`,
    { document: what },
    { at: { field: first === undefined || first.instancePath === '' ? '/' : first.instancePath } },
  )
}

/** Compiled once a schema: an answer to a read of a year names ten thousand chunks. */
const validators = new WeakMap<TSchema, Validator>()

function validatorOf(schema: TSchema): Validator {
  let validator = validators.get(schema)
  if (validator === undefined) {
    validator = Compile(schema)
    validators.set(schema, validator)
  }
  return validator
}

/** Whether a value has the form of a schema. */
export function isOf<Schema extends TSchema>(schema: Schema, value: unknown): value is Document<Schema> {
  return validatorOf(schema).Check(value)
}

/** JSON text → document. Throws `DOCUMENT_REFUSED`. */
export function parseText<Schema extends TSchema>(
  schema: Schema,
  text: string,
  what: string,
): Document<Schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new IsletError('DOCUMENT_REFUSED', `the ${what} is not JSON`, { document: what }, { cause })
  }
  return parseDocument(schema, value, what)
}

/** The schema of a document of some type with one Ed25519 signature. */
export function signedSchema<Body extends TSchema>(type: DocumentType, body: Body) {
  return record({ type: Type.Literal(type), body, signer: Hash32Field, signature: SignatureField })
}

/** A document with one signature over its type and body. */
export interface Signed<Body> {
  readonly type: DocumentType
  readonly body: Body
  readonly signer: Hash32
  readonly signature: string
}

export function sign<Body extends object>(type: DocumentType, body: Body, key: Signer): Signed<Body> {
  const { signer, signature } = signDocument(type, asJson(body), key)
  return { type, body, signer, signature }
}

/** Throws `SIGNATURE_REFUSED` unless the document is signed by the key it names, and by `by` where given. */
export function requireSigned(document: Signed<object>, ed: Ed25519, what: string, by?: Hash32): void {
  const { type, signer, signature } = document
  const genuine = verifyDocument({ type, body: asJson(document.body), signer, signature }, { type }, ed)
  if (!genuine || (by !== undefined && signer !== by)) {
    throw new IsletError('SIGNATURE_REFUSED', `the ${what} is not signed by the key it must be signed by`, {
      document: what,
    })
  }
}

/** A document whose members are JSON, for hashing, signing and sending. */
export function asJson(document: object): Json {
  return document as Json
}
