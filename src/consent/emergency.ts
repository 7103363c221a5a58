/**
 * The emergency envelope: keys sealed beforehand that one institution opens only together with a second, with a reason.
 *
 * The covers are sealed to a key made for this grant alone; that key is split in two, one half sealed to the reader, one to
 * the second institution. A reader who breaks the glass signs a call with person and reason; the second signs a release.
 *
 * Laws: neither half tells anything of the key (Shamir, 2 of 2); the halves are committed to by the terms that the patient
 * signed; a custodian serves such a grant only to whoever shows a call and the release of exactly that call, both signed,
 * both fresh, and logs person, reason and both institutions before a byte leaves.
 * Limit, stated: reader and second together can open what the reader fetched; only evidence stands against that. After a
 * release the key is known to the reader: the custodian still asks for a new release each time, a new grant makes a new key.
 */
import Type from 'typebox'
import { Base64UrlField, ConsentIdField, Hash32Field, InstitutionIdField } from '../api/index.ts'
import {
  type Ed25519,
  type GuardianKit,
  hpkeKeyHash,
  makeGuardianKit,
  openShare,
  recoverWithGuardians,
  type Signer,
} from '../identity/index.ts'
import { type Crypto, type Hasher, hpkeKeyPair, hpkeOpen, hpkeSeal } from '../vault/index.ts'
import {
  type Bytes,
  canonicalJson,
  fromBase64Url,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { ChainReader } from './chain.ts'
import {
  asJson,
  Count,
  type Document,
  record,
  requireSigned,
  Seconds,
  ShownName,
  sign,
  signedSchema,
} from './document.ts'
import type { Agreement } from './narrow.ts'

const KitSchema = record({
  schema: Type.Literal('islet.guardian-kit/1'),
  id: Base64UrlField,
  threshold: Count,
  nonce: Base64UrlField,
  sealed: Base64UrlField,
  shares: Type.Array(record({ hash: Base64UrlField, sealed: Base64UrlField }), { minItems: 2, maxItems: 2 }),
})

/** The second institution, as a request names it: its key is checked against the ledger before anything is sealed to it. */
export const SecondSchema = record({
  institution: InstitutionIdField,
  name: ShownName,
  hpkeKey: Base64UrlField,
})
export type Second = Document<typeof SecondSchema>

/** The part of a hand-over that makes it an emergency grant. */
export const EmergencySchema = record({
  second: InstitutionIdField,
  secondName: ShownName,
  /** The halves, in the order reader, second. */
  kit: KitSchema,
})
export type Emergency = Document<typeof EmergencySchema>

const Reason = Type.String({ minLength: 10, maxLength: 500 })
const Person = record({ handle: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }), name: ShownName })
export type EmergencyPerson = Document<typeof Person>

/** The reader's word: who breaks the glass, and why. */
export const CallSchema = signedSchema(
  'islet.emergency-call/1',
  record({
    consentId: ConsentIdField,
    person: Person,
    reason: Reason,
    at: Seconds,
    nonce: Hash32Field,
  }),
)
export type Call = Document<typeof CallSchema>

/** The second's word: this call, by whom, until when. */
export const ReleaseSchema = signedSchema(
  'islet.emergency-release/1',
  record({ consentId: ConsentIdField, call: Hash32Field, person: Person, at: Seconds, until: Seconds }),
)
export type Release = Document<typeof ReleaseSchema>

/** What a reader shows to be served under an emergency grant. */
export const GlassSchema = record({ call: CallSchema, release: ReleaseSchema })
export type Glass = Document<typeof GlassSchema>

/** A call is answered within this, and a release serves as long. */
export const CALL_SECONDS = 3_600
export const RELEASE_SECONDS = 4 * 3_600
const LEAST_REASON = 10
const SHARE_INFO = utf8('islet/v1/emergency-share')
const READER = 0
const SECOND = 1

export type GlassTrouble = 'RELEASE_MISSING' | 'RELEASE_REFUSED' | 'RELEASE_OVER'

/** An emergency envelope is for reading, and for nothing but an emergency. */
export function isForEmergency({ actions, purposes }: Pick<Agreement, 'actions' | 'purposes'>): boolean {
  return actions.join() === 'read' && purposes.join() === 'ETREAT'
}

/** What an emergency grant is sealed with: its key, and the halves of what opens it. Throws `SECOND_REFUSED`, `OPENING_REFUSED`. */
export async function sealBeforehand(
  ports: { readonly crypto: Crypto; readonly chain: Pick<ChainReader, 'member'> },
  reader: { readonly institution: InstitutionId; readonly hpkeKey: string },
  second: Second,
  agreement: Pick<Agreement, 'actions' | 'purposes'>,
): Promise<{ readonly readerKey: string; readonly emergency: Emergency }> {
  if (!isForEmergency(agreement)) {
    throw new IsletError(
      'OPENING_REFUSED',
      'an emergency envelope is for reading, for emergency care alone',
      {
        field: 'purposes',
      },
    )
  }
  const { cipher, hasher } = ports.crypto
  const member = await ports.chain.member(second.institution)
  const genuine = member?.active === true && member.hpkeKeyHash === hpkeKeyHash(second.hpkeKey, hasher)
  if (!genuine || second.institution === reader.institution) {
    throw new IsletError(
      'SECOND_REFUSED',
      'an emergency envelope needs a second institution that is an active member, under its own key',
      { institution: second.institution },
      { remedy: 'let the institution ask again, with another second party' },
    )
  }
  const seed = cipher.random(32)
  const halves = [fromBase64Url(reader.hpkeKey), fromBase64Url(second.hpkeKey)]
  const kit = await makeGuardianKit(seed, halves, 2, ports.crypto)
  return {
    readerKey: toBase64Url(hpkeKeyPair(seed).publicKey),
    emergency: { second: second.institution, secondName: second.name, kit: kitDocument(kit) },
  }
}

/** SHA-256 of the halves and of who holds them: what the patient's terms commit to. */
export function emergencyHash(emergency: Emergency, hasher: Pick<Hasher, 'sha256'>): Hash32 {
  return hashOf('islet/v1/emergency\0', emergency, hasher)
}

/** A reader's call. Throws `REASON_MISSING`. */
export function signCall(body: Omit<Call['body'], 'nonce'>, crypto: Crypto, by: Signer): Call {
  if (body.reason.trim().length < LEAST_REASON) {
    throw new IsletError(
      'REASON_MISSING',
      `breaking the glass needs a reason of at least ${LEAST_REASON} characters`,
      {},
      { at: { field: 'reason' }, remedy: 'say in a sentence why it cannot wait' },
    )
  }
  const nonce = hash32(toHex(crypto.cipher.random(32)))
  return { ...sign('islet.emergency-call/1', { ...body, nonce }, by), type: 'islet.emergency-call/1' }
}

/** SHA-256 of a call, by which a release names it. */
export function callHash(call: Call, hasher: Pick<Hasher, 'sha256'>): Hash32 {
  return hashOf('islet/v1/emergency-call\0', call, hasher)
}

/** The second's release of one call, from an instant on. */
export function signRelease(
  call: Call,
  by: { readonly person: EmergencyPerson; readonly at: UnixSeconds; readonly signer: Signer },
  hasher: Pick<Hasher, 'sha256'>,
): Release {
  const body = {
    consentId: call.body.consentId,
    call: callHash(call, hasher),
    person: by.person,
    at: by.at,
    until: quantity<UnixSeconds>(by.at + RELEASE_SECONDS),
  }
  return { ...sign('islet.emergency-release/1', body, by.signer), type: 'islet.emergency-release/1' }
}

/** Whether a call is signed by that reader and answered in time. Throws `SIGNATURE_REFUSED`, `CALL_OVER`. */
export function checkCall(call: Call, readerKey: Hash32, at: UnixSeconds, ed: Ed25519): void {
  requireSigned(call, ed, 'emergency call', readerKey)
  if (Math.abs(at - call.body.at) > CALL_SECONDS) {
    throw new IsletError('CALL_OVER', 'the emergency call is too old', {}, { remedy: 'call again' })
  }
}

/** Why what a reader shows does not open an emergency grant at an instant; undefined where it does. */
export async function glassTrouble(
  grant: { readonly consentId: Hash32; readonly reader: InstitutionId; readonly emergency: Emergency },
  glass: Glass | undefined,
  at: UnixSeconds,
  ports: {
    readonly chain: Pick<ChainReader, 'member'>
    readonly ed: Ed25519
    readonly hasher: Pick<Hasher, 'sha256'>
  },
): Promise<GlassTrouble | undefined> {
  if (glass === undefined) return 'RELEASE_MISSING'
  const { call, release } = glass
  const reader = await ports.chain.member(grant.reader)
  const second = await ports.chain.member(grant.emergency.second)
  const named = call.body.consentId === grant.consentId && release.body.consentId === grant.consentId
  const answers = release.body.call === callHash(call, ports.hasher)
  if (!named || !answers || second?.active !== true || reader === undefined) return 'RELEASE_REFUSED'
  try {
    requireSigned(call, ports.ed, 'emergency call', reader.messageKey)
    requireSigned(release, ports.ed, 'emergency release', second.messageKey)
  } catch (error) {
    if (error instanceof IsletError) return 'RELEASE_REFUSED'
    throw error
  }
  const { at: from, until } = release.body
  const fresh = from - call.body.at <= CALL_SECONDS && until - from <= RELEASE_SECONDS
  return fresh && at < until && from <= at + 60 ? undefined : 'RELEASE_OVER'
}

/** The second's half, sealed to the reader. Throws `HALF_DOES_NOT_OPEN`. */
export async function handOverHalf(
  emergency: Emergency,
  hpkeSeed: Uint8Array,
  readerKey: string,
): Promise<string> {
  const half = await openShare(emergency.kit, SECOND, hpkeSeed)
  if (half === undefined) throw halfRefused('second')
  return toBase64Url(await hpkeSeal(fromBase64Url(readerKey), SHARE_INFO, half))
}

/** The key of an emergency grant, from both halves. Throws `HALF_DOES_NOT_OPEN`. */
export async function joinHalves(
  emergency: Emergency,
  hpkeSeed: Uint8Array,
  sealedHalf: string,
  crypto: Crypto,
): Promise<Bytes> {
  const own = await openShare(emergency.kit, READER, hpkeSeed)
  const theirs = await hpkeOpen(hpkeSeed, SHARE_INFO, fromBase64Url(sealedHalf))
  if (own === undefined || theirs.code !== 'OPENED') throw halfRefused('reader')
  const halves = [
    { place: READER, share: own },
    { place: SECOND, share: theirs.plaintext },
  ]
  const joined = await recoverWithGuardians(emergency.kit, halves, crypto)
  if (joined.code !== 'OPENED') throw halfRefused(joined.code)
  return joined.root
}

function halfRefused(part: string): IsletError {
  return new IsletError(
    'HALF_DOES_NOT_OPEN',
    'a half of the emergency key does not open',
    { part },
    { remedy: 'ask the patient for a new emergency envelope; keys may have been changed since' },
  )
}

function hashOf(label: string, document: object, hasher: Pick<Hasher, 'sha256'>): Hash32 {
  return hash32(toHex(hasher.sha256(utf8(`${label}${canonicalJson(asJson(document))}`))))
}

function kitDocument({ schema, id, threshold, nonce, sealed, shares }: GuardianKit): Emergency['kit'] {
  return { schema, id, threshold, nonce, sealed, shares: shares.map((share) => ({ ...share })) }
}
