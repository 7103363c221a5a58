/** What a consortium made final, as documents: a block to start from, and how a consent stands by a proof. */
import { type Static, Type } from 'typebox'
import { Hash32Field } from '../fields.ts'
import { Finding } from './verify.ts'

const base64Url = Type.String({ pattern: '^[A-Za-z0-9_-]+$' })

export const TrustAnchorDocument = Type.Object(
  {
    schema: Type.Literal('islet.trust-anchor/1'),
    chain: Type.String({ description: 'the text that every vote signs' }),
    height: Type.Integer({ minimum: 1 }),
    hash: Hash32Field,
    header: base64Url,
    seats: base64Url,
  },
  { $id: 'islet.trust-anchor/1', title: 'A block of a consortium that a verifier starts from' },
)
export type TrustAnchorDocument = Static<typeof TrustAnchorDocument>

export const ConsentStandingDocument = Type.Object(
  {
    schema: Type.Literal('islet.consent-standing/1'),
    ok: Type.Boolean(),
    consent: Type.Union([Hash32Field, Type.Null()]),
    signer: Type.Union([Type.String(), Type.Null()]),
    state: Type.Union([
      Type.Literal('none'),
      Type.Literal('spent', { description: 'none, and its address has signed for another consent' }),
      Type.Literal('active'),
      Type.Literal('revoked'),
      Type.Null(),
    ]),
    ends: Type.Union([
      Type.String({ description: 'UTC day on which it ends, of an active one' }),
      Type.Null(),
    ]),
    block: Type.Union([
      Type.Object({ height: Type.Integer(), hash: Hash32Field, time: Type.String() }),
      Type.Null(),
    ]),
    anchor: Type.Object({ chain: Type.String(), height: Type.Integer(), hash: Hash32Field }),
    bytes: Type.Integer({ description: 'of the proof' }),
    findings: Type.Array(Finding),
  },
  { $id: 'islet.consent-standing/1', title: 'How a consent stands, by a proof' },
)
export type ConsentStandingDocument = Static<typeof ConsentStandingDocument>
