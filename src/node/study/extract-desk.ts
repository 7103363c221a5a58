/**
 * A de-identified extract of a study: what the sites of this node may let go, read through the gate like any other read.
 *
 * Laws: only where the plan names an extract, the sheet tells of it and the study is open; only people whose consent by
 * that very sheet holds now; every person is read through their custodian, who logs it or refuses with a code; sites
 * share nothing: each counts its own k and has its own pseudonyms.
 * Limit: attributes (age, sex, region) leave only where a site holds them; this node holds none, so k counts a site's
 * people as alike.
 */
import type { StudyExtractDocument, StudyExtractFile } from '../../api/documents.door.ts'
import {
  countedCodes,
  type ExtractPerson,
  extractOf,
  presentCohort,
  requireExtractTold,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { hoursInside, IsletError, isIsletError, parseInstant } from '../../vocabulary/index.ts'
import type { Consortium } from '../world/consortium.ts'
import { readAnchored } from './read-anchored.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { HostedSite, StudySites } from './study-sites.ts'

type SiteSummary = StudyExtractDocument['sites'][number]

/** Draws the extract. Throws `EXTRACT_NOT_PLANNED`, `EXTRACT_NOT_TOLD`, `STUDY_NOT_OPEN`, `EXTRACT_EMPTY`. */
export async function drawExtract(
  consortium: Pick<Consortium, 'house'>,
  desk: StudyDesk,
  file: StudyFile,
  { study, sites }: StudySites,
): Promise<{ readonly file: StudyExtractFile; readonly sites: readonly SiteSummary[] }> {
  const { plan } = study
  const sheet = await desk.shelf.sheet(plan.information_sheet)
  if (sheet === undefined) throw paperMissing()
  const rules = extractRules(plan)
  requireExtractTold(plan, sheet)
  await requireOpen(desk, file)
  const extracts: StudyExtractFile['sites'] = []
  const summaries: SiteSummary[] = []
  for (const site of sites) {
    const { people, refused } = await peopleOf(consortium, study, site)
    const terms = { study: study.id, plan, window: windowOf(plan), secret: site.ports.secret }
    const { people: extracted, leftOut } = extractOf(people, terms, nodeCrypto.hasher)
    const rows = extracted.reduce((sum, one) => sum + one.rows.length, 0)
    summaries.push({ key: site.key, people: extracted.length, rows, left_out: leftOut, refused })
    extracts.push({
      site: site.ports.own,
      people: extracted.map(({ pseudonym, ageBand, sex, region, rows: own }) => ({
        pseudonym,
        age_band: ageBand,
        sex,
        region,
        rows: own.map((row) => ({ ...row })),
      })),
    })
  }
  if (extracts.every(({ people }) => people.length === 0)) throw nobody(rules.k)
  const { planHash } = await desk.chain.study(file.study)
  return {
    file: {
      schema: 'islet.study.extract-file/1',
      study: file.study,
      plan_hash: planHash,
      mode: rules.mode,
      k: rules.k,
      sites: extracts,
    },
    sites: summaries,
  }
}

/** The site's cohort of now, each opened through the gate. */
async function peopleOf(
  { house: houseOf }: Pick<Consortium, 'house'>,
  study: StudySites['study'],
  { key, ports }: HostedSite,
): Promise<{ readonly people: readonly ExtractPerson[]; readonly refused: SiteSummary['refused'] }> {
  const { reader } = houseOf(key).institution
  const { included, leftOut } = await presentCohort(ports, study, ports.clock())
  const refusals: string[] = leftOut.map(({ code }) => code)
  const people: ExtractPerson[] = []
  for (const claim of included) {
    try {
      const asked = { purpose: 'HRESCH', kinds: study.plan.data.kinds, window: windowOf(study.plan) } as const
      const { records } = await readAnchored(() => reader.read(claim.consentId, asked))
      people.push({ claim, attributes: {}, records })
    } catch (error) {
      if (!isIsletError(error)) throw error
      refusals.push(error.code)
    }
  }
  return { people, refused: countedCodes(refusals) }
}

function windowOf({ data }: StudySites['study']['plan']) {
  return hoursInside(parseInstant(data.from), parseInstant(data.until))
}

function extractRules(plan: StudySites['study']['plan']) {
  if (plan.extract !== undefined && plan.outputs.includes('extract')) return plan.extract
  throw new IsletError(
    'EXTRACT_NOT_PLANNED',
    'the plan names no extract',
    {},
    { remedy: 'Amend the plan and its sheet, which then need new approvals and new consents.' },
  )
}

async function requireOpen({ chain }: StudyDesk, { study }: StudyFile): Promise<void> {
  const [{ state, until }, plan, { timestamp }] = await Promise.all([
    chain.study(study),
    chain.plan(study),
    chain.head(),
  ])
  if (state === 'OPEN' && timestamp < until && timestamp < plan.ends) return
  throw new IsletError(
    'STUDY_NOT_OPEN',
    'nothing leaves a study that is not open, or whose approval or plan has ended',
    { state },
    { remedy: 'See where it stands: islet study status' },
  )
}

function nobody(k: number): IsletError {
  return new IsletError(
    'EXTRACT_EMPTY',
    'no site here has so many people alike whose consent holds now',
    { k },
    { remedy: 'Wait for more consents; a smaller k is another plan and needs new approvals.' },
  )
}

function paperMissing(): IsletError {
  return new IsletError(
    'STUDY_PAPER_MISSING',
    'the information sheet is not in this data directory',
    {},
    { remedy: 'Fetch it from the applicant; its hash is on the ledger.' },
  )
}
