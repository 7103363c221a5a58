/**
 * Vouchers for taking part: a person of this node makes one, their site issues the batch, a member redeems it.
 *
 * Laws: a voucher is for who was in a round's cohort that became a model, one a person and site; the person's key and
 * salt lie sealed in their own folder before the site hears of the commitment; the site keeps commitments only and issues
 * once; the ledger alone says what was redeemed (`Credits`).
 */
import { join } from 'node:path'
import Type from 'typebox'
import type { StudyCreditsDocument } from '../../api/documents.door.ts'
import {
  signRedemption,
  type VoucherBatch,
  type VoucherPlace,
  voucherBatch,
  voucherCommitment,
  voucherNullifier,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Hash32, hash32, IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { PersonHere } from '../story/person.ts'
import type { Consortium } from '../world/consortium.ts'
import { makeVoucher, readVoucher } from './own-voucher.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { HostedSite, StudySites } from './study-sites.ts'
import { alreadyClaimed, issued, notAParticipant, redeemed, unknownVoucher } from './voucher-refusals.ts'

const Hash = Type.Unsafe<Hash32>({ type: 'string', pattern: '^0x[0-9a-f]{64}$' })
const ClaimsFile = Type.Object({
  schema: Type.Literal('islet.study.voucher-claims/1'),
  claims: Type.Array(Type.Object({ consent: Hash, commitment: Hash })),
})
type Claim = { readonly consent: Hash32; readonly commitment: Hash32 }

/** What the desk of vouchers works with. */
export interface VoucherParts {
  readonly consortium: Pick<Consortium, 'house' | 'unlock'>
  readonly desk: StudyDesk
  readonly file: StudyFile
  readonly running: StudySites
}

type Person = Pick<PersonHere, 'agent' | 'directory'>
type PatientGrant = Person['agent']['memory']['now']['grants'][number]

/** A person makes a voucher and gives their site its commitment. Throws `NOT_A_PARTICIPANT`, `VOUCHERS_ISSUED`, `SITE_NOT_HERE`. */
export async function claimVoucher(parts: VoucherParts, site: string, person: Person): Promise<void> {
  const hosted = siteOf(parts, site)
  const theirs = keysOfPerson(parts, hosted, person)
  if ((await participated(parts, hosted, theirs)) === undefined) throw notAParticipant()
  const [place, { unlock }] = [placeOf(parts, hosted), parts.consortium]
  const own =
    (await readVoucher(person.directory, place, unlock)) ??
    (await makeVoucher(person.directory, place, unlock))
  await noteClaim(parts, hosted, theirs, voucherCommitment(own.voucher))
}

/** One claim a person, of who was in a round that made a model. */
export async function noteClaim(
  parts: VoucherParts,
  hosted: HostedSite,
  theirs: ReadonlySet<Hash32>,
  commitment: Hash32,
): Promise<void> {
  const consent = await participated(parts, hosted, theirs)
  if (consent === undefined) throw notAParticipant()
  const claims = await claimsOf(parts, hosted)
  if (claims.some((claim) => claim.commitment === commitment)) return
  if ((await parts.desk.credits.batch(parts.file.study, hosted.ports.own)) !== undefined) throw issued()
  if (claims.some((claim) => theirs.has(claim.consent))) throw alreadyClaimed()
  await writeDocumentFile(claimsPath(parts, hosted), {
    schema: 'islet.study.voucher-claims/1',
    claims: [...claims, { consent, commitment }],
  })
}

/** The site issues its padded batch, once. Throws `VOUCHERS_ISSUED`, `VOUCHERS_NONE`. */
export async function issueVouchers(parts: VoucherParts, site: string): Promise<void> {
  const hosted = siteOf(parts, site)
  const { credits, signerOf } = parts.desk
  if ((await credits.batch(parts.file.study, hosted.ports.own)) !== undefined) throw issued()
  if ((await claimsOf(parts, hosted)).length === 0) {
    throw new IsletError(
      'VOUCHERS_NONE',
      'nobody claimed a voucher at this site yet',
      {},
      { remedy: 'People claim first: islet study credits --act claim --site SITE --person HANDLE' },
    )
  }
  await credits.as(signerOf(site)).issue(parts.file.study, await batchOf(parts, hosted))
}

/** A member redeems a person's voucher; gives the block. Throws `VOUCHER_UNKNOWN`, `VOUCHERS_NOT_ISSUED`, `VOUCHER_REDEEMED`. */
export async function redeemVoucher(
  parts: VoucherParts,
  site: string,
  person: Person,
  at: string,
): Promise<number> {
  const hosted = siteOf(parts, site)
  const { credits, signerOf } = parts.desk
  const own = await readVoucher(person.directory, placeOf(parts, hosted), parts.consortium.unlock)
  const batch = await batchOf(parts, hosted)
  const place = own === undefined ? undefined : batch.find(voucherCommitment(own.voucher))
  if (own === undefined || place === undefined) throw unknownVoucher()
  if ((await credits.batch(parts.file.study, hosted.ports.own)) === undefined) {
    throw new IsletError(
      'VOUCHERS_NOT_ISSUED',
      'the site has not issued its vouchers yet',
      {},
      { remedy: 'The site issues them all at once: islet study credits --act issue --site SITE' },
    )
  }
  if (await credits.isRedeemed(voucherNullifier(own.voucher))) throw redeemed()
  const signature = signRedemption(own, parts.consortium.house(at).id, credits.domain)
  return (await credits.as(signerOf(at)).redeem(own.voucher, place, signature)).height
}

/** What stands of a study's vouchers; with a person and a site, theirs too. */
export async function studyCredits(
  parts: VoucherParts,
  named?: { readonly site: string; readonly person: Person; readonly block?: number },
): Promise<StudyCreditsDocument> {
  const { desk, file, running } = parts
  const sites: StudyCreditsDocument['sites'] = []
  for (const id of await desk.chain.approvedSites(file.study)) {
    const hosted = running.sites.find(({ ports }) => ports.own === id)
    const batch = await desk.credits.batch(file.study, id)
    sites.push({
      id,
      key: desk.handleOf(id),
      claimed: hosted === undefined ? null : (await claimsOf(parts, hosted)).length,
      batch: batch === undefined ? null : { ...batch },
    })
  }
  return {
    schema: 'islet.study.credits/1',
    study: file.study,
    sites,
    voucher: named === undefined ? null : await voucherState(parts, named),
  }
}

async function voucherState(
  parts: VoucherParts,
  { site, person, block }: { readonly site: string; readonly person: Person; readonly block?: number },
): Promise<StudyCreditsDocument['voucher']> {
  const hosted = siteOf(parts, site)
  const own = await readVoucher(person.directory, placeOf(parts, hosted), parts.consortium.unlock)
  if (own === undefined) return null
  const { credits } = parts.desk
  const isIssued = (await credits.batch(parts.file.study, hosted.ports.own)) !== undefined
  const isSpent = await credits.isRedeemed(voucherNullifier(own.voucher))
  return { site, state: isSpent ? 'REDEEMED' : isIssued ? 'ISSUED' : 'CLAIMED', block: block ?? null }
}

/** Which of a person's consents was in the cohort of a round that made a model, if one was. */
async function participated(
  parts: VoucherParts,
  hosted: HostedSite,
  theirs: ReadonlySet<Hash32>,
): Promise<Hash32 | undefined> {
  const { chain } = parts.desk
  const { study } = parts.file
  for (let number = 1; number <= (await chain.latestRound(study)); number += 1) {
    if ((await chain.round(study, number))?.phase !== 'FINAL') continue
    const found = (await hosted.site.cohort(number))?.included.find((id) => theirs.has(hash32(id)))
    if (found !== undefined) return hash32(found)
  }
  return undefined
}

/** Consents of a person to the study at a site, by any sheet. */
function keysOfPerson(
  { running }: VoucherParts,
  { ports }: HostedSite,
  { agent }: Person,
): ReadonlySet<Hash32> {
  const { id } = running.study
  const isOfStudy = ({ handOver: { subject } }: PatientGrant): boolean =>
    subject.type === 'study' && subject.handle.startsWith(`${id.slice(2, 34)}.`)
  const grants = agent.memory.now.grants.filter(isOfStudy)
  return new Set(
    grants
      .filter(({ handOver }) => handOver.opening.reader === ports.own)
      .map(({ handOver }) => hash32(handOver.consentId)),
  )
}

export async function batchOf(parts: VoucherParts, hosted: HostedSite): Promise<VoucherBatch> {
  const claims = await claimsOf(parts, hosted)
  return voucherBatch(
    claims.map(({ commitment }) => commitment),
    placeOf(parts, hosted),
    hosted.ports.secret,
    nodeCrypto.hasher,
  )
}

function siteOf({ running }: VoucherParts, key: string): HostedSite {
  const hosted = running.sites.find((one) => one.key === key)
  if (hosted !== undefined) return hosted
  throw new IsletError(
    'SITE_NOT_HERE',
    'no approved site of the study with this name is here',
    { key },
    { remedy: `one of: ${running.sites.map((one) => one.key).join(', ')}` },
  )
}

export function placeOf({ file }: VoucherParts, { ports }: HostedSite): VoucherPlace {
  return { study: file.study, site: ports.own }
}

function claimsPath({ consortium, file }: VoucherParts, { key }: HostedSite): string {
  return join(consortium.house(key).directory, 'studies', file.study.slice(2), 'vouchers.json')
}

async function claimsOf(parts: VoucherParts, hosted: HostedSite): Promise<readonly Claim[]> {
  const path = claimsPath(parts, hosted)
  return (await readDocumentFile(path, ClaimsFile, 'VOUCHER_CLAIMS_DAMAGED'))?.claims ?? []
}
