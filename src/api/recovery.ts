/**
 * Where a person's way back is kept: the root wrapped by a secret that only they have, found by a name derived from it.
 *
 * Laws: what is kept is worthless without the secret, and nobody can guess its name (256 bits from at least 128 random
 * ones); who put it there is the only one who replaces it or takes it away.
 */
import Type, { type Static } from 'typebox'
import { Hash32Field, InstitutionIdField } from './fields.ts'
import { closed } from './shapes.ts'

const bytes = (length: number) => Type.String({ pattern: `^[A-Za-z0-9_-]{${Math.ceil((length * 4) / 3)}}$` })

/** 32 bytes of a root under AES-256-GCM, with salt and nonce; see `identity/recovery`. */
export const RecoveryWrapShape = Type.Object(
  {
    schema: Type.Literal('islet.recovery-wrap/1'),
    salt: bytes(32),
    nonce: bytes(12),
    sealed: bytes(48),
  },
  closed,
)
export const RecoveryParams = Type.Object({ lookup: Hash32Field }, closed)
export const KeepRecoveryParams = Type.Object(
  { institution: InstitutionIdField, lookup: Hash32Field },
  closed,
)
/** Null takes it away. */
export const KeepRecoveryBody = Type.Object({ wrap: Type.Union([RecoveryWrapShape, Type.Null()]) }, closed)
export const KeepRecoveryAnswer = Type.Object({ kept: Type.Boolean() }, closed)
export const RecoveryAnswer = Type.Object(
  { custodian: InstitutionIdField, wrap: RecoveryWrapShape },
  { ...closed, description: 'The custodian of whoever has the secret, and their wrapped root.' },
)
export type RecoveryAnswer = Static<typeof RecoveryAnswer>

export const ThisNodeAnswer = Type.Object(
  {
    /** Origin that signed requests to this node name. */
    origin: Type.String({ pattern: '^https?://[A-Za-z0-9.:\\[\\]-]{1,255}$' }),
    /** Institutions of this node that keep people's data, with their names. */
    custodians: Type.Array(
      Type.Object({ id: InstitutionIdField, name: Type.String({ minLength: 1, maxLength: 120 }) }, closed),
    ),
  },
  { ...closed, description: 'What a person’s program has to know of this node before it signs anything.' },
)
export type ThisNodeAnswer = Static<typeof ThisNodeAnswer>
