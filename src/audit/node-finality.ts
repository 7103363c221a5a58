/** What checking votes and trees needs, on Node. */
import type { FinalityCrypto } from '../finality/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'

export const FINALITY_CRYPTO: FinalityCrypto = { hasher: nodeHasher, verify: nodeEd25519.verify }
