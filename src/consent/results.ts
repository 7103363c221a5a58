/**
 * An institution's own results: recorded, anchored in its slots, and told to the patients whose data they used.
 */
import { Base64UrlField } from '../api/index.ts'
import { saltedLeafHash } from '../vault/index.ts'
import {
  type ConsentId,
  type Hash32,
  hash32,
  IsletError,
  type Json,
  type Purpose,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { ConsentBook } from './consent-book.ts'
import { asJson, Count, parseText, record, sign } from './document.ts'
import type { Reading } from './holder.ts'
import type { InstitutionPorts } from './house.ts'
import {
  type AnalysisProof,
  analysisBytes,
  analysisOf,
  inputOf,
  type SignedAnalysis,
  SignedAnalysisSchema,
} from './provenance.ts'
import { getText, putJson, type Shelf } from './shelf.ts'
import type { SlotBook } from './slot-book.ts'

const StoredSchema = record({
  analysis: SignedAnalysisSchema,
  salt: Base64UrlField,
  slot: Count,
  index: Count,
})

/** One input of an analysis: a reading under a consent, for a purpose. */
export interface AnalysisInput {
  readonly consentId: ConsentId
  readonly purpose: Purpose
  readonly reading: Reading
}

export interface Results {
  /** Signs and records a result, and tells the patients concerned. Gives the analysis and its hash. */
  record(
    work: { readonly activity: string; readonly code: Hash32; readonly inputs: readonly AnalysisInput[] },
    result: Json,
  ): Promise<{ readonly analysis: SignedAnalysis; readonly hash: Hash32 }>
  /** A recorded analysis with its proof; the proof is undefined while its slot is open. Throws `RESULT_UNKNOWN`. */
  proof(
    hash: Hash32,
  ): Promise<{ readonly analysis: SignedAnalysis; readonly proof: AnalysisProof | undefined }>
}

export function results(
  ports: Pick<InstitutionPorts, 'own' | 'signer' | 'crypto' | 'clock' | 'send'>,
  books: { readonly shelf: Shelf; readonly slots: SlotBook; readonly grants: Pick<ConsentBook, 'get'> },
): Results {
  const { hasher, cipher } = ports.crypto
  return {
    record: async (work, result) => {
      const facts = {
        institution: ports.own,
        recorded: Math.floor(ports.clock()) as UnixSeconds,
        activity: work.activity,
        code: work.code,
        inputs: work.inputs.map(({ consentId, purpose, reading }) => inputOf(consentId, purpose, reading)),
      }
      const body = analysisOf(hasher, facts, result)
      const analysis: SignedAnalysis = {
        ...sign('islet.analysis/1', body, ports.signer),
        type: 'islet.analysis/1',
      }
      const digest = hasher.sha256(analysisBytes(analysis))
      const hash = hash32(toHex(digest))
      const salt = cipher.random(32)
      const { slot, first } = await books.slots.place(() => [saltedLeafHash(salt, digest, hasher)], {
        analysis: hash,
      })
      const stored = { analysis, salt: toBase64Url(salt), slot, index: first }
      await putJson(books.shelf, hash.slice(2), stored)
      // Each patient is told of their own consent alone.
      await Promise.all(
        body.inputs.map(async (input) => {
          const grant = books.grants.get(input.consentId)
          if (grant === undefined) return
          const note = {
            consentId: input.consentId,
            activity: work.activity,
            recorded: body.recorded,
            analysis: hash,
          }
          const signed = sign('islet.analysis-notice/1', note, ports.signer)
          await ports
            .send(grant.custodian, 'analysis-result', { notice: asJson(signed) })
            .catch(() => undefined)
        }),
      )
      return { analysis, hash }
    },
    proof: async (hash) => {
      const text = await getText(books.shelf, hash.slice(2))
      if (text === undefined) throw new IsletError('RESULT_UNKNOWN', 'no such result was recorded here')
      const { analysis, salt, slot, index } = parseText(StoredSchema, text, 'recorded result')
      const anchored = await books.slots.proof({ slot, index })
      if (anchored === undefined) return { analysis, proof: undefined }
      const { root, count, block, path } = anchored
      const proof = {
        slot,
        index,
        size: count,
        salt,
        path: path.map((node) => hash32(toHex(node))),
        root,
        block,
      }
      return { analysis, proof }
    },
  }
}
