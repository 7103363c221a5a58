/**
 * Signed documents: a detached Ed25519 signature over a JSON document and the name of its type.
 *
 * Law: what is signed is "islet/v1/document" ‖ 0 ‖ type ‖ 0 ‖ canonical JSON, so that a signature made for one type
 * of document holds for no other, and one document has one spelling.
 * Source: RFC 8032 (Ed25519), RFC 8785 (canonical JSON).
 */
import {
  type Bytes,
  canonicalJson,
  concat,
  fromBase64Url,
  fromHex,
  type Hash32,
  hash32,
  IsletError,
  isIsletError,
  type Json,
  toBase64Url,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { Ed25519, Signer } from './ed25519.ts'

/** Types of documents are names as in a media type, with a version: `islet.delegation/1`. */
export type DocumentType = `islet.${string}/${number}`

/** A document with one signature. */
export interface SignedDocument<Body extends Json = Json> {
  readonly type: DocumentType
  readonly body: Body
  /** Ed25519 public key of the signer. */
  readonly signer: Hash32
  /** 64 bytes, base64url. */
  readonly signature: string
}

const LABEL = utf8('islet/v1/document\0')
const TYPE = /^islet\.[a-z][a-z0-9-]*\/[1-9][0-9]{0,3}$/

/** The bytes a signature covers. Throws `NOT_A_DOCUMENT_TYPE`, `NOT_JSON`. */
export function documentBytes(type: DocumentType, body: Json): Bytes {
  if (!TYPE.test(type)) {
    throw new IsletError('NOT_A_DOCUMENT_TYPE', 'a document type reads islet.name/1', { length: type.length })
  }
  return concat(LABEL, utf8(`${type}\0`), utf8(canonicalJson(body)))
}

/** Signs a document. Throws `NOT_A_DOCUMENT_TYPE`, `NOT_JSON`. */
export function signDocument<Body extends Json>(
  type: DocumentType,
  body: Body,
  key: Signer,
): SignedDocument<Body> {
  const signature = toBase64Url(key.sign(documentBytes(type, body)))
  return { type, body, signer: hash32(toHex(key.publicKey)), signature }
}

/** Whether a document is of that type and signed by the key it names; whose key that is, the caller knows. */
export function verifyDocument(
  document: SignedDocument,
  expected: { readonly type: DocumentType; readonly signer?: Hash32 },
  ed: Ed25519,
): boolean {
  if (document.type !== expected.type) return false
  if (expected.signer !== undefined && document.signer !== expected.signer) return false
  try {
    const bytes = documentBytes(document.type, document.body)
    return ed.verify(fromHex(hash32(document.signer)), bytes, fromBase64Url(document.signature))
  } catch (error) {
    if (isIsletError(error)) return false
    throw error
  }
}
