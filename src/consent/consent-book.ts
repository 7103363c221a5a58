/**
 * The consents a party knows: hand-overs and their newest envelopes, durable.
 *
 * Law: an envelope is replaced only by a later one of the same consent, signed by the same key (PROTOCOL 8).
 */
import type { Ed25519 } from '../identity/index.ts'
import type { Hasher } from '../vault/index.ts'
import { type ConsentId, IsletError } from '../vocabulary/index.ts'
import { parseText } from './document.ts'
import { checkHandOver, type HandOver, HandOverSchema } from './hand-over.ts'
import type { IntentDomain } from './intents.ts'
import { getText, putJson, type Shelf } from './shelf.ts'
import { type SignedEnvelope, sealedBytes } from './signed-envelope.ts'

export interface ConsentBook {
  get(id: ConsentId): HandOver | undefined
  all(): readonly HandOver[]
  /** Checks and keeps a hand-over; the same one again changes nothing. Throws as `checkHandOver`. */
  accept(handOver: HandOver): Promise<void>
  /** Keeps a later envelope; an earlier one changes nothing. Throws `CONSENT_NOT_HANDED_OVER`, `ENVELOPE_REFUSED`. */
  reseal(envelope: SignedEnvelope): Promise<'kept' | 'older'>
  forget(id: ConsentId): Promise<void>
}

export async function openConsentBook(
  shelf: Shelf,
  ports: { readonly hasher: Hasher; readonly ed: Ed25519; readonly domain: IntentDomain },
): Promise<ConsentBook> {
  const known = new Map<ConsentId, HandOver>()
  for (const name of await shelf.list('')) {
    const handOver = parseText(HandOverSchema, (await getText(shelf, name)) ?? '', 'stored grant')
    known.set(handOver.consentId, handOver)
  }
  const keep = async (handOver: HandOver): Promise<void> => {
    await putJson(shelf, handOver.consentId.slice(2), handOver)
    known.set(handOver.consentId, handOver)
  }
  return {
    get: (id) => known.get(id),
    all: () => [...known.values()],
    accept: async (handOver) => {
      checkHandOver(handOver, ports.domain, ports)
      if (!known.has(handOver.consentId)) await keep(handOver)
    },
    reseal: async (envelope) => {
      const { consentId, sequence, chainId } = envelope.notice
      const before = known.get(consentId)
      if (before === undefined) {
        throw new IsletError('CONSENT_NOT_HANDED_OVER', 'the envelope belongs to a consent not known here')
      }
      sealedBytes(ports.hasher, envelope, before.signer)
      const inScope = envelope.notice.covers.every(
        ({ kind, window }) =>
          before.opening.kinds.includes(kind) &&
          window.first >= before.opening.window.first &&
          window.end <= before.opening.window.end,
      )
      if (!inScope || chainId !== ports.domain.chainId.toString()) {
        throw new IsletError('ENVELOPE_REFUSED', 'the envelope reaches beyond its consent')
      }
      if (sequence <= before.envelope.notice.sequence) return 'older'
      await keep({ ...before, envelope })
      return 'kept'
    },
    forget: async (id) => {
      known.delete(id)
      await shelf.delete(id.slice(2))
    },
  }
}
