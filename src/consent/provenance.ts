/**
 * The result of an analysis, recorded with where it came from: which consents, which anchored roots, which code.
 *
 * Laws: the record is signed by the institution that made it and its salted hash stands under an anchored root, so that
 * nobody can later claim other inputs or another time; the result itself is named by hash and shown to whom it concerns.
 * Source: FHIR R4 Provenance (target, recorded, agent, entity; hl7.org/fhir/R4/provenance.html); W3C PROV.
 */
import Type from 'typebox'
import { ConsentIdField, Hash32Field, InstitutionIdField, PurposeField } from '../api/index.ts'
import type { Ed25519 } from '../identity/index.ts'
import { type Hasher, saltedLeafHash, verifyInclusion } from '../vault/index.ts'
import {
  canonicalJson,
  formatInstant,
  fromBase64Url,
  fromHex,
  type Hash32,
  hash32,
  type Json,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import { isDamaged } from './damage.ts'
import {
  asJson,
  Count,
  type Document,
  manyOf,
  record,
  requireSigned,
  Seconds,
  signedSchema,
} from './document.ts'
import type { Reading } from './holder.ts'

const InputSchema = record({
  consentId: ConsentIdField,
  purpose: PurposeField,
  /** Chunks used. */
  chunks: Count,
  /** Roots they stand under, as the ledger has them. */
  roots: manyOf(record({ slot: Count, root: Hash32Field, block: Count }), 100_000),
})
export const AnalysisSchema = record({
  schema: Type.Literal('islet.analysis/1'),
  institution: InstitutionIdField,
  recorded: Seconds,
  /** What was computed, in a few words. */
  activity: Type.String({ minLength: 1, maxLength: 200 }),
  /** SHA-256 of the code that computed it. */
  code: Hash32Field,
  /** SHA-256 of the result's canonical JSON. */
  result: Hash32Field,
  inputs: Type.Array(InputSchema, { minItems: 1, maxItems: 10_000 }),
  /** FHIR R4 Provenance that says the same. */
  provenance: Type.Unsafe<Json>({ type: 'object' }),
})
export type Analysis = Document<typeof AnalysisSchema>
export const SignedAnalysisSchema = signedSchema('islet.analysis/1', AnalysisSchema)
export type SignedAnalysis = Document<typeof SignedAnalysisSchema>

/** Where a recorded analysis stands, for anybody who gets it shown. */
export const AnalysisProofSchema = record({
  slot: Count,
  index: Count,
  size: Count,
  salt: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  path: Type.Array(Hash32Field, { maxItems: 64 }),
  root: Hash32Field,
  block: Count,
})
export type AnalysisProof = Document<typeof AnalysisProofSchema>

/** What an analysis used of a reading: chunks that are as they were recorded. */
export function inputOf(
  consentId: Analysis['inputs'][number]['consentId'],
  purpose: Analysis['inputs'][number]['purpose'],
  reading: Reading,
): Analysis['inputs'][number] {
  const roots = new Map<number, Analysis['inputs'][number]['roots'][number]>()
  let chunks = 0
  for (const chunk of reading.chunks) {
    if (isDamaged(chunk)) continue
    const { anchor } = chunk
    chunks++
    if (anchor.code === 'ANCHORED') {
      roots.set(anchor.slot, { slot: anchor.slot, root: anchor.root, block: anchor.block })
    }
  }
  return { consentId, purpose, chunks, roots: [...roots.values()].sort((a, b) => a.slot - b.slot) }
}

/** The analysis document, FHIR Provenance included. */
export function analysisOf(
  hasher: Hasher,
  facts: Pick<Analysis, 'institution' | 'recorded' | 'activity' | 'code' | 'inputs'>,
  result: Json,
): Analysis {
  const hash = hash32(toHex(hasher.sha256(utf8(canonicalJson(result)))))
  return {
    schema: 'islet.analysis/1',
    ...facts,
    result: hash,
    provenance: {
      resourceType: 'Provenance',
      target: [{ identifier: { system: 'urn:islet:result', value: hash } }],
      recorded: formatInstant(facts.recorded),
      policy: facts.inputs.map((input) => `urn:islet:consent:${input.consentId}`),
      activity: { text: facts.activity },
      agent: [
        {
          type: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
                code: 'performer',
              },
            ],
          },
          who: { identifier: { system: 'urn:islet:institution', value: facts.institution } },
        },
      ],
      entity: [
        { role: 'source', what: { identifier: { system: 'urn:islet:code', value: facts.code } } },
        ...facts.inputs.flatMap((input) =>
          input.roots.map((root) => ({
            role: 'source',
            what: { identifier: { system: 'urn:islet:root', value: root.root } },
          })),
        ),
      ],
    },
  }
}

/** The bytes behind the leaf of an analysis. */
export function analysisBytes(analysis: SignedAnalysis): Uint8Array {
  return utf8(`islet/v1/analysis\0${canonicalJson(asJson(analysis))}`)
}

/** Whether an analysis is signed by that key and stands under the root. Throws `SIGNATURE_REFUSED`. */
export function verifyAnalysis(
  analysis: SignedAnalysis,
  proof: AnalysisProof,
  messageKey: Hash32,
  ports: { readonly hasher: Hasher; readonly ed: Ed25519 },
): boolean {
  requireSigned(analysis, ports.ed, 'analysis', messageKey)
  const digest = ports.hasher.sha256(analysisBytes(analysis))
  const leaf = saltedLeafHash(fromBase64Url(proof.salt), digest, ports.hasher)
  const { index, size, path, root } = proof
  return verifyInclusion({ leaf, index, size, path: path.map(fromHex), root: fromHex(root) }, ports.hasher)
}

/** What a patient is told: that an analysis used their data, under which consent. */
export const AnalysisNoticeSchema = signedSchema(
  'islet.analysis-notice/1',
  record({
    consentId: ConsentIdField,
    activity: Type.String({ minLength: 1, maxLength: 200 }),
    recorded: Seconds,
    analysis: Hash32Field,
  }),
)
export type AnalysisNotice = Document<typeof AnalysisNoticeSchema>
