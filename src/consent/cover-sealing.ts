/**
 * Turning a grant into keys: which covers a reader gets, sealed to them.
 *
 * Laws: this is the only way from a grant to a key; a cover reaches exactly the granted hours (PROTOCOL 12), one per kind
 * and generation, older generations included so that a corrected past stays readable (PROTOCOL 14). Data of hours that
 * were not granted has no key in it.
 */
import type { PatientKeys } from '../identity/index.ts'
import type { Hasher } from '../vault/index.ts'
import { type Cover, envelopeHash, narrowCover, sealEnvelope, streamCover } from '../vault/keys.door.ts'
import {
  type Address,
  type ConsentId,
  type Hash32,
  type HourWindow,
  type Kind,
  overlap,
} from '../vocabulary/index.ts'
import { type EnvelopeNotice, envelopeBinding, type SignedEnvelope, signEnvelope } from './signed-envelope.ts'

/** Gives the whole-tree cover of a kind and generation; a guardian's gives what the guardian holds. */
export type CoverSource = (kind: Kind, generation: number) => Cover | undefined

/** The patient's own source: every hour of every kind. */
export function patientCovers(hasher: Hasher, keys: PatientKeys): CoverSource {
  const made = new Map<string, Cover>()
  return (kind, generation) => {
    const name = `${kind} ${generation}`
    const known = made.get(name)
    if (known !== undefined) return known
    const cover = streamCover(hasher, keys.root, kind, generation)
    made.set(name, cover)
    return cover
  }
}

/** Covers of a window for some kinds, all generations up to the newest of each. */
export function coversFor(
  hasher: Hasher,
  source: CoverSource,
  kinds: readonly Kind[],
  newest: (kind: Kind) => number,
  window: HourWindow,
): readonly Cover[] {
  const covers: Cover[] = []
  for (const kind of kinds) {
    for (let generation = 0; generation <= newest(kind); generation++) {
      const whole = source(kind, generation)
      const inside = whole === undefined ? undefined : overlap(whole.window, window)
      if (whole !== undefined && inside !== undefined) covers.push(narrowCover(hasher, whole, inside))
    }
  }
  return covers
}

/** Seals covers to a reader; the hash is what terms and notices name. */
export async function sealCovers(
  hasher: Hasher,
  readerKey: Uint8Array,
  chainId: bigint,
  consent: Address,
  covers: readonly Cover[],
): Promise<{ readonly sealed: Uint8Array; readonly hash: Hash32 }> {
  const sealed = await sealEnvelope(readerKey, { chainId, consent: envelopeBinding(consent), covers })
  return { sealed, hash: envelopeHash(hasher, sealed) }
}

/** The sealed covers with the consent key's word for them. */
export function signCovers(
  of: {
    readonly consentId: ConsentId
    readonly signer: Address
    readonly sequence: number
    readonly chainId: bigint
    readonly covers: readonly Cover[]
  },
  envelope: { readonly sealed: Uint8Array; readonly hash: Hash32 },
  consentKey: Uint8Array,
): SignedEnvelope {
  const notice: EnvelopeNotice = {
    consentId: of.consentId,
    signer: of.signer,
    sequence: of.sequence,
    chainId: of.chainId.toString(),
    covers: of.covers.map(({ kind, generation, window }) => ({ kind, generation, window })),
    envelope: envelope.hash,
  }
  return signEnvelope(notice, envelope.sealed, consentKey)
}
