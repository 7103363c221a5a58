/**
 * `islet study credits [STUDY]`: vouchers for taking part: claimed by people, issued by their site, redeemed at a member.
 *
 * Law: what is printed names no person; each act is judged by the ledger.
 */
import type { StudyCreditsDocument } from '../../api/documents.door.ts'
import { openStudySites } from '../study/study-sites.ts'
import { claimVoucher, issueVouchers, redeemVoucher, studyCredits } from '../study/voucher-desk.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { personOf } from './study-persons.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

export async function studyCreditsVerb(
  context: VerbContext,
  [id]: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal, json } = context
  const act = options['act']
  const site = given(options, 'site')
  if (act !== 'show' && site === undefined) throw usage('no site is named', 'name the site: --site north')
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const running = await openStudySites(consortium, desk, file)
    const parts = { consortium, desk, file, running }
    let block: number | undefined
    const asks = act === 'claim' || act === 'redeem' || options['person'] !== undefined
    const person = asks ? await personOf(consortium, options['person']) : undefined
    if (site !== undefined && act === 'issue') await issueVouchers(parts, site)
    if (site !== undefined && person !== undefined) {
      if (act === 'claim') await claimVoucher(parts, site, person)
      if (act === 'redeem') block = await redeemVoucher(parts, site, person, given(options, 'at') ?? site)
    }
    const named =
      site === undefined || person === undefined
        ? undefined
        : { site, person, ...(block === undefined ? {} : { block }) }
    const document = await studyCredits(parts, named)
    if (json) printDocument(document, terminal)
    else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
    return EXIT.done
  })
}

function wordsOf({ sites, voucher }: StudyCreditsDocument): readonly string[] {
  return [
    ...sites.map(({ key, claimed, batch }) => {
      const claims = claimed === null ? '' : `, ${claimed} claimed here`
      if (batch === null) return `${key}: not issued yet${claims}`
      return `${key}: batch of ${batch.size} places (padded), ${batch.redeemed} redeemed${claims}`
    }),
    ...(voucher === null
      ? []
      : [
          `Your voucher at ${voucher.site}: ${voucher.state}${voucher.block === null ? '' : ` in block ${voucher.block}`}`,
        ]),
  ]
}

function given(options: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
