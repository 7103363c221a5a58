/**
 * Canonical JSON: one spelling per document, so that it can be hashed and signed.
 * Source: RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, ECMAScript numbers, no white space.
 */
import { IsletError } from './errors.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

/** Serialises a document canonically; undefined members are left out. Throws `NOT_JSON` for NaN, infinities, lone surrogates. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new IsletError('NOT_JSON', 'a number must be finite')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new IsletError('NOT_JSON', 'a string holds a lone surrogate')
    return JSON.stringify(value)
  }
  if (isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  const members: string[] = []
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined) members.push(`${canonicalJson(key)}:${canonicalJson(member)}`)
  }
  return `{${members.join(',')}}`
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
