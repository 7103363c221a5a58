/**
 * What an institution does with its own data when another asks for it in the name of a study: its rounds once more, and
 * the worth of updates on the readings that it holds back.
 *
 * Laws: an audit is asked by a site of the study, its applicant or a member whose seat decides on studies; worth by the
 * applicant alone, and only where the plan names it; nobody brings a model to be judged, and nobody hears how many people
 * a figure is of. A figure leaves to the thousandth of a mg/dL.
 */
import type { Arrival, MessageHandlers } from '../../api/index.ts'
import type { StudyReads } from '../../study/index.ts'
import { type Hash32, type InstitutionId, IsletError } from '../../vocabulary/index.ts'
import type { SiteAudit, SiteWorth } from './ask-work.ts'
import { type AskedWorkOptions, askedWork, type IsAwaited } from './asked-work.ts'

export interface AnswerWorkParts extends AskedWorkOptions {
  readonly own: InstitutionId
  readonly chain: Pick<StudyReads, 'approvedSites' | 'seatOf' | 'study'>
  readonly audit: (study: Hash32, isAwaited: IsAwaited) => Promise<SiteAudit>
  readonly worth: (study: Hash32) => Promise<SiteWorth>
}

export interface AnsweredWork {
  /** Refuse with `NOT_A_SITE`, `NOT_THE_APPLICANT`, `STUDY_UNKNOWN`, and the codes of the work. */
  readonly handlers: Required<Pick<MessageHandlers, 'study-audit' | 'study-worth'>>
  /** Gives up what is under way and waits for its end. */
  close(): Promise<void>
}

export function answerWork({ own, chain, audit, worth, ...options }: AnswerWorkParts): AnsweredWork {
  const audits = askedWork(audit, options)
  const worths = askedWork(async (study) => rounded(await worth(study)), options)
  const requireSite = async (study: Hash32): Promise<readonly InstitutionId[]> => {
    const sites = await chain.approvedSites(study)
    if (sites.includes(own)) return sites
    throw new IsletError('STUDY_UNKNOWN', 'this institution is no site of the study')
  }
  const isApplicant = async (study: Hash32, { from }: Arrival): Promise<boolean> =>
    from.kind === 'institution' && (await chain.study(study)).applicant === from.id
  return {
    handlers: {
      'study-audit': async ({ study }, arrival) => {
        const { from } = arrival
        const sites = await requireSite(study)
        const isOf =
          from.kind === 'institution' &&
          (sites.includes(from.id) ||
            (await chain.seatOf(from.id)) !== undefined ||
            (await isApplicant(study, arrival)))
        if (!isOf)
          throw new IsletError(
            'NOT_A_SITE',
            'the sender is no site of this study and has no seat that decides',
          )
        return { audit: (await audits.ask(study)) ?? null }
      },
      'study-worth': async ({ study }, arrival) => {
        await requireSite(study)
        if (!(await isApplicant(study, arrival)))
          throw new IsletError('NOT_THE_APPLICANT', 'another institution applied with this study')
        return { worth: (await worths.ask(study)) ?? null }
      },
    },
    close: async () => {
      await Promise.all([audits.close(), worths.close()])
    },
  }
}

const THOUSAND = 1_000

function rounded(worth: SiteWorth): SiteWorth {
  const values = worth.values.map(({ site, value }) => ({
    site,
    value: Math.round(value * THOUSAND) / THOUSAND,
  }))
  return { ...worth, values }
}
