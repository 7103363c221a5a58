/**
 * The manifest: the list of a dump's files and hashes, and a digest over itself.
 *
 * Law: one spelling only (canonical JSON and a newline), so that no byte of it can change unnoticed. The digest guards
 * against damage, not against a forger: what a forger changes must fail against the ledger, the logs and signed heads.
 */
import { nobleHasher } from '../vault/index.ts'
import { canonicalJson, isIsletError, type Json, toHex, utf8 } from '../vocabulary/index.ts'
import { type Manifest, ManifestSchema, parse } from './dump-format.ts'

/** The bytes of manifest.json. */
export function encodeManifest(manifest: Manifest): string {
  return `${canonicalJson({ ...(manifest as Json & object), digest: digestOf(manifest) })}\n`
}

export type ManifestReading =
  | { readonly code: 'READ'; readonly manifest: Manifest }
  /** The form is sound, the spelling or the digest is not. */
  | { readonly code: 'ALTERED'; readonly manifest: Manifest | undefined }

export function readManifest(text: string): ManifestReading {
  const { digest, ...rest } = objectOf(text)
  const manifest = parse(ManifestSchema, JSON.stringify(rest))
  if (manifest === undefined) return { code: 'ALTERED', manifest: undefined }
  return digest === digestOf(manifest) && spelled(manifest, text)
    ? { code: 'READ', manifest }
    : { code: 'ALTERED', manifest }
}

function objectOf(text: string): { readonly digest?: unknown; readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}

function spelled(manifest: Manifest, text: string): boolean {
  try {
    return encodeManifest(manifest) === text
  } catch (error) {
    if (isIsletError(error, 'NOT_JSON')) return false
    throw error
  }
}

function digestOf(manifest: Manifest): string {
  return toHex(nobleHasher.sha256(utf8(`islet/v1/dump\n${canonicalJson(manifest as Json)}`))).slice(2)
}
