/**
 * The envelope: the covers of a grant, sealed to one reader.
 *
 *   info      = canonical JSON of {domain, suite, chain, consent, covers: [{kind, generation, first, end}]}
 *   plaintext = count u16 ‖ count × (length u16 ‖ cover) ‖ zeros to a multiple of 1,024
 *
 * Laws: an envelope opens only for its reader, on its ledger, for its consent and for exactly the covers that the
 * signed terms name; its length tells neither window nor kinds; its hash is inside the signed intent.
 */
import {
  type Bytes,
  canonicalJson,
  concat,
  type Hash32,
  hash32,
  IsletError,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import { type Cover, decodeCover, encodeCover } from './cover.ts'
import { hpkeOpen, hpkeSeal } from './hpke.ts'
import { type Hasher, LABELS, SUITE } from './suite.ts'

/** What an envelope is for; both sides know it from the signed terms. */
export interface EnvelopeScope {
  /** EIP-155 chain id of the ledger that holds the consent. */
  readonly chainId: bigint | number
  /** 32 bytes that name the consent. */
  readonly consent: Hash32
  readonly covers: readonly CoverScope[]
}

/** What a cover is for, without its keys. */
export type CoverScope = Omit<Cover, 'nodes'>

export type OpenedEnvelope =
  | { readonly code: 'OPENED'; readonly covers: readonly Cover[] }
  /** For another reader, consent, ledger or scope, or altered. */
  | { readonly code: 'ENVELOPE_DOES_NOT_OPEN' }
  | { readonly code: 'SUITE_UNKNOWN' }
  /** Opens, but holds other covers than its scope says: the sealer broke the format. */
  | { readonly code: 'ENVELOPE_SCOPE_WRONG' }

const PADDING = 1024

/** Seals covers to a reader's HPKE public key for one consent. Throws `HPKE_KEY_MALFORMED`, `ENVELOPE_EMPTY`. */
export async function sealEnvelope(
  publicKey: Uint8Array,
  grant: { readonly chainId: bigint | number; readonly consent: Hash32; readonly covers: readonly Cover[] },
): Promise<Bytes> {
  if (grant.covers.length === 0 || grant.covers.length >= 2 ** 16) {
    throw new IsletError('ENVELOPE_EMPTY', 'an envelope holds 1 to 65,535 covers', {
      covers: grant.covers.length,
    })
  }
  const parts = grant.covers.flatMap((cover) => {
    const bytes = encodeCover(cover)
    return [uint16(bytes.length), bytes]
  })
  const content = concat(uint16(grant.covers.length), ...parts)
  const padded = new Uint8Array(Math.ceil(content.length / PADDING) * PADDING)
  padded.set(content)
  return hpkeSeal(publicKey, envelopeInfo(grant), padded)
}

/** Opens an envelope with the reader's private key for the scope that the signed terms give. */
export async function openEnvelope(
  privateKey: Uint8Array,
  envelope: Uint8Array,
  scope: EnvelopeScope,
): Promise<OpenedEnvelope> {
  const opened = await hpkeOpen(privateKey, envelopeInfo(scope), envelope)
  if (opened.code === 'SUITE_UNKNOWN') return opened
  if (opened.code === 'SEAL_DOES_NOT_OPEN') return { code: 'ENVELOPE_DOES_NOT_OPEN' }
  const covers = readCovers(opened.plaintext)
  const agrees =
    covers !== undefined &&
    covers.length === scope.covers.length &&
    covers.every((cover, i) => isSameScope(cover, scope.covers[i]))
  return agrees ? { code: 'OPENED', covers } : { code: 'ENVELOPE_SCOPE_WRONG' }
}

/** The hash by which signed terms name an envelope. */
export function envelopeHash(hasher: Hasher, envelope: Uint8Array): Hash32 {
  return hash32(toHex(hasher.sha256(concat(LABELS.envelope, envelope))))
}

function envelopeInfo({ chainId, consent, covers }: EnvelopeScope): Bytes {
  return utf8(
    canonicalJson({
      domain: 'islet/v1/envelope',
      suite: SUITE,
      chain: chainId.toString(),
      consent,
      covers: covers.map(({ kind, generation, window }) => ({
        kind,
        generation,
        first: window.first,
        end: window.end,
      })),
    }),
  )
}

function readCovers(plaintext: Uint8Array): readonly Cover[] | undefined {
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.length)
  const covers: Cover[] = []
  let at = 2
  try {
    for (let left = view.getUint16(0); left > 0; left--) {
      const length = view.getUint16(at)
      covers.push(decodeCover(plaintext.subarray(at + 2, at + 2 + length)))
      at += 2 + length
    }
  } catch (error) {
    if (error instanceof IsletError || error instanceof RangeError) return undefined
    throw error
  }
  return plaintext.subarray(at).every((byte) => byte === 0) ? covers : undefined
}

function isSameScope(cover: CoverScope, scope: CoverScope | undefined): boolean {
  return (
    cover.kind === scope?.kind &&
    cover.generation === scope.generation &&
    cover.window.first === scope.window.first &&
    cover.window.end === scope.window.end
  )
}

function uint16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 0xff)
}
