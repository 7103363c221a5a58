/**
 * Vouchers of people whose keys are not of this node: claimed with the key of a consent, asked after, redeemed where shown.
 *
 * Laws: a claim is believed by its signature alone; a redemption that its own key did not sign for this member never
 * reaches the ledger. Limit, stated: a site that sees a voucher redeemed can tell whose claim it was.
 */
import type { Handlers, MessageBody } from '../../api/index.ts'
import { claimSigner, redemptionSigner, voucherNullifier } from '../../study/index.ts'
import { type Hash32, hash32, type InstitutionId } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import type { StudyDesk } from './study-desk.ts'
import { batchOf, noteClaim, placeOf, type VoucherParts } from './voucher-desk.ts'
import { notAParticipant, redeemed, unknownVoucher } from './voucher-refusals.ts'

/** The claim of somebody who is not of this node, by the key of their consent. Throws as `claimVoucher`. */
export async function takeClaim(
  parts: VoucherParts,
  as: string,
  { consent, commitment, signature }: MessageBody<'voucher-claim'>,
): Promise<void> {
  const hosted = parts.running.sites.find(({ key }) => key === as)
  if (hosted === undefined) throw notAParticipant()
  const signer = claimSigner(placeOf(parts, hosted), commitment, signature)
  const given = await hosted.ports.people.claims()
  const own = given.find((one) => one.consentId === consent && one.signer === signer)
  if (own === undefined) throw notAParticipant()
  const { patientKey } = own.opening
  const theirs = given.filter(({ opening }) => opening.patientKey === patientKey)
  await noteClaim(parts, hosted, new Set(theirs.map(({ consentId }) => hash32(consentId))), commitment)
}

/** How a voucher stands, by its commitment and by what the ledger notes when it is spent. */
export async function standingVoucher(
  parts: VoucherParts,
  site: InstitutionId,
  { commitment, nullifier }: { readonly commitment: Hash32; readonly nullifier: Hash32 },
): Promise<Awaited<ReturnType<Handlers['voucher']>>> {
  const { desk, file, running } = parts
  const { chainId, credits } = desk.credits.domain
  const domain = { chain_id: Number(chainId), credits }
  const hosted = running.sites.find(({ ports }) => ports.own === site)
  const open = (await desk.credits.batch(file.study, site)) === undefined
  const nowhere = { ...domain, state: 'UNKNOWN', open: open && hosted !== undefined, place: null } as const
  if (hosted === undefined) return nowhere
  const place = (await batchOf(parts, hosted)).find(commitment)
  if (place === undefined) return nowhere
  if (open) return { ...nowhere, state: 'CLAIMED' }
  const isSpent = await desk.credits.isRedeemed(nullifier)
  return { ...domain, open, state: isSpent ? 'REDEEMED' : 'ISSUED', place }
}

/** A member redeems what a voucher's own key names it for; gives the block. Throws `VOUCHER_REDEEMED`, `VOUCHER_UNKNOWN`, `VOUCHER_CALL_REFUSED`. */
export async function redeemShown(
  { credits, signerOf }: Pick<StudyDesk, 'credits' | 'signerOf'>,
  at: Pick<Hosted, 'id' | 'key'>,
  { voucher, signature, ...place }: MessageBody<'voucher-redemption'>,
): Promise<number> {
  const nullifier = voucherNullifier(voucher)
  // Before the ledger is asked, which costs this member a transaction.
  const bearer = redemptionSigner(nullifier, at.id, credits.domain, signature)
  if (bearer !== voucher.bearer) throw unknownVoucher()
  if (await credits.isRedeemed(nullifier)) throw redeemed()
  return (await credits.as(signerOf(at.key)).redeem(voucher, place, signature)).height
}
