/**
 * The revokes an institution has seen, on the ledger or not yet.
 *
 * Laws: a validly signed revoke makes every institution that sees it refuse at once, before inclusion (PROTOCOL 5); it is
 * durable before it is acknowledged, goes to the ledger and to the other members without waiting for anything, and is
 * never forgotten: after a restart what is not yet on the ledger is sent again.
 */
import Type from 'typebox'
import { AddressField, ConsentIdField, Hash32Field } from '../api/index.ts'
import type { Address, ConsentId, Hash32 } from '../vocabulary/index.ts'
import { IsletError } from '../vocabulary/index.ts'
import type { ChainReader, ChainWriter, SignedRevoke } from './chain.ts'
import { type Document, LedgerSignature, parseText, record, Uint64Digits } from './document.ts'
import { type IntentDomain, intentDigest, signerOf } from './intents.ts'
import { consentIdOf } from './opening.ts'
import { getText, putJson, type Shelf } from './shelf.ts'

export const RevokeSchema = record({
  consentId: ConsentIdField,
  commitment: Hash32Field,
  signer: AddressField,
  nonce: Uint64Digits,
  deadline: Uint64Digits,
  signature: LedgerSignature,
})
/** A signed revoke as it travels. */
export type RevokeDocument = Document<typeof RevokeSchema>
const StoredSchema = record({ revoke: RevokeSchema, settled: Type.Boolean() })

export interface RevokeRegister {
  /** Whether a valid revoke of the consent was seen. */
  has(id: ConsentId): boolean
  /**
   * Takes a signed revoke: durable when it returns `new`. Throws `REVOKE_REFUSED` when the signature is not the
   * consent's own.
   */
  accept(revoke: RevokeDocument): Promise<'new' | 'known'>
  /** Sends what is not yet on the ledger; gives the block of each consent that is now revoked there. */
  settle(): Promise<ReadonlyMap<ConsentId, number>>
}

/** A revoke for the wire. */
export function revokeDocument(revoke: SignedRevoke): RevokeDocument {
  return {
    consentId: revoke.intent.consentId,
    commitment: revoke.commitment,
    signer: revoke.signer,
    nonce: revoke.intent.nonce.toString(),
    deadline: revoke.intent.deadline.toString(),
    signature: revoke.signature,
  }
}

/** Whether a revoke is signed by the key of the consent it names. */
export function isGenuineRevoke(domain: IntentDomain, revoke: RevokeDocument): boolean {
  const { intent, commitment, signer, signature } = signedRevoke(revoke)
  return (
    consentIdOf(commitment, signer) === intent.consentId &&
    signerOf(intentDigest(domain, intent), signature) === signer
  )
}

export async function openRevokeRegister(ports: {
  readonly shelf: Shelf
  readonly chain: Pick<ChainReader, 'domain' | 'consentState'> & Pick<ChainWriter, 'revoke'>
}): Promise<RevokeRegister> {
  const { shelf, chain } = ports
  const seen = new Set<ConsentId>()
  const pending = new Map<ConsentId, RevokeDocument>()
  for (const name of await shelf.list('')) {
    const { revoke, settled } = parseText(StoredSchema, (await getText(shelf, name)) ?? '', 'stored revoke')
    seen.add(revoke.consentId)
    if (!settled) pending.set(revoke.consentId, revoke)
  }

  const settleOne = async (revoke: RevokeDocument): Promise<number> => {
    const { signer, consentId } = revoke
    const standing = await chain.consentState(consentId, signer)
    const block =
      standing.state === 'REVOKED' ? standing.block : (await chain.revoke(signedRevoke(revoke))).block
    await putJson(shelf, nameOf(consentId), { revoke, settled: true })
    pending.delete(consentId)
    return block
  }

  return {
    has: (id) => seen.has(id),
    accept: async (revoke) => {
      if (seen.has(revoke.consentId)) return 'known'
      if (!isGenuineRevoke(chain.domain, revoke)) {
        throw new IsletError('REVOKE_REFUSED', 'the revoke is not signed by the key of the consent it names')
      }
      // Refused from this line on, whatever becomes of the disk and the ledger.
      seen.add(revoke.consentId)
      pending.set(revoke.consentId, revoke)
      await putJson(shelf, nameOf(revoke.consentId), { revoke, settled: false })
      return 'new'
    },
    settle: async () => {
      const blocks = new Map<ConsentId, number>()
      const failures: unknown[] = []
      await Promise.all(
        [...pending.values()].map((revoke) =>
          settleOne(revoke).then(
            (block) => blocks.set(revoke.consentId, block),
            (error: unknown) => failures.push(error),
          ),
        ),
      )
      if (blocks.size === 0 && failures.length > 0) throw failures[0]
      return blocks
    },
  }
}

function signedRevoke(
  revoke: RevokeDocument,
): SignedRevoke & { readonly commitment: Hash32; readonly signer: Address } {
  return {
    intent: {
      action: 'revoke',
      consentId: revoke.consentId,
      nonce: BigInt(revoke.nonce),
      deadline: BigInt(revoke.deadline),
    },
    commitment: revoke.commitment,
    signer: revoke.signer,
    signature: revoke.signature,
  }
}

function nameOf(id: ConsentId): string {
  return id.slice(2)
}
