/**
 * Who holds a key: the port through which a receiver learns what a proven key may do.
 */
import type { InstitutionId } from '../vocabulary/index.ts'
import type { Role } from './roles.ts'

/** A known holder of a key. */
export interface Party {
  readonly roles: readonly Role[]
  readonly state: 'active' | 'suspended'
  /** The institution whose key it is, or at which a staff person works. */
  readonly institution?: InstitutionId
}

export interface Parties {
  /** The holder of an Ed25519 public key (base64url), or undefined for a stranger. Suspension shows at once (PROTOCOL 6). */
  readonly find: (keyId: string) => Promise<Party | undefined>
}

/** Remembers what was seen, durably: a nonce counts once, also across a restart (PROTOCOL 21). */
export interface ReplayCache {
  /** True the first time; false when this mark was seen before. Resolves only when it will not be forgotten. */
  readonly remember: (mark: string, until: number) => Promise<boolean>
}
