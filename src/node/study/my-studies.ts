/**
 * "My data, my models" of a person on this node: their consents, the ledger's history, and the sites' proofs, brought
 * together where the person's keys are.
 *
 * Law: nothing of the person is asked of anyone: sites are given marks, which say nothing without the consent's secret.
 */
import type { StudyLeaveDocument, StudyMineDocument } from '../../api/documents.door.ts'
import { type GrantState, type PatientAgent, subjectHash } from '../../consent/index.ts'
import { consentHistory } from '../../study/consent-history.door.ts'
import {
  type CohortProof,
  cohortMark,
  exclusionReceipt,
  type MyConsent,
  type MyStudy,
  myModels,
  type ProofOf,
  type StudyHistory,
  type StudyPlan,
  studySubject,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { formatInstant, fromHex, type Hash32, hash32, isIsletError, toHex } from '../../vocabulary/index.ts'
import type { Consortium } from '../world/consortium.ts'
import type { StudyDesk } from './study-desk.ts'
import { historyOf } from './study-history.ts'
import type { StudyFile } from './study-shelf.ts'
import type { StudySites } from './study-sites.ts'

type OpenSites = (file: StudyFile) => Promise<StudySites>

/** Every study of this node that a person consented to, with proofs that were checked here. */
export async function myStudies(
  desk: StudyDesk,
  agent: Pick<PatientAgent, 'memory'>,
  openSites: OpenSites,
): Promise<StudyMineDocument> {
  const studies: StudyMineDocument['studies'] = []
  const findings: StudyMineDocument['findings'] = []
  for (const file of await desk.shelf.studies()) {
    const plans = await plansOf(desk, file)
    const consents = consentsOf(agent, file, plans)
    const plan = plans.at(-1)
    if (plan === undefined || consents.length === 0) continue
    const history = await historyOf(desk, file, plan)
    const proofs = await proofsOf(await openSites(file), history, consents)
    const proofOf: ProofOf = (_, round, site, mark) => proofs.get(`${round} ${site} ${mark}`)
    for (const mine of myModels(consents, [history], proofOf, nodeCrypto.hasher)) {
      studies.push(documentOf(mine))
      for (const round of mine.unproved)
        findings.push({ code: 'ROUND_UNPROVED', where: `${mine.study} round ${round}` })
    }
  }
  return { schema: 'islet.study.mine/1', studies, findings }
}

/** Revokes every consent of a person to a study. Throws what the person's agent throws. */
export async function leaveStudy(
  desk: StudyDesk,
  { ledger, deployment }: Pick<Consortium, 'deployment' | 'ledger'>,
  file: StudyFile,
  agent: Pick<PatientAgent, 'memory' | 'revoke'>,
): Promise<StudyLeaveDocument> {
  const plans = await plansOf(desk, file)
  const grants = plans.flatMap((plan) => grantsBySheet(agent, file.study, plan))
  const ids = grants.filter(({ status }) => status !== 'ended').map(({ handOver }) => handOver.consentId)
  for (const id of ids) await agent.revoke(id)
  const { height } = await desk.chain.head()
  const history = await consentHistory(ledger, deployment)(height)
  const receipts: StudyLeaveDocument['receipts'] = []
  const onTheirWay: StudyLeaveDocument['on_their_way'] = []
  for (const id of ids) {
    const block = await desk.chain.block(history.revokedIn(id) ?? -1)
    if (block === undefined) onTheirWay.push(hash32(id))
    else {
      const receipt = exclusionReceipt(file.study, id, block)
      receipts.push({ ...receipt, consent: hash32(id), out_from: formatInstant(receipt.out_from) })
    }
  }
  return { schema: 'islet.study.withdraw/1', study: file.study, receipts, on_their_way: onTheirWay }
}

async function plansOf({ shelf }: StudyDesk, { plans }: StudyFile): Promise<readonly StudyPlan[]> {
  const found = (await Promise.all(plans.map((document) => shelf.plan(document)))).filter(
    (plan) => plan !== undefined,
  )
  // Plans that share sheet and title share consents: each of these counts once, under the newest plan.
  const subjectOf = ({ information_sheet: sheet, title }: StudyPlan): string => `${sheet} ${title}`
  return found.filter((plan, i) => !found.slice(i + 1).some((later) => subjectOf(later) === subjectOf(plan)))
}

/** A person's grants for a study by the sheet that a plan names, whatever became of them. */
export function grantsBySheet(
  agent: Pick<PatientAgent, 'memory'>,
  study: Hash32,
  plan: StudyPlan,
): readonly GrantState[] {
  const subject = studySubject(study, plan.information_sheet, plan.title)
  return agent.memory.now.grants.filter(
    ({ handOver: { opening } }) => opening.subject === subjectHash(opening.reader, subject),
  )
}

/** The person's consents to a study, by any of its sheets. */
function consentsOf(
  agent: Pick<PatientAgent, 'memory'>,
  { study }: StudyFile,
  plans: readonly StudyPlan[],
): readonly MyConsent[] {
  return plans.flatMap((plan) =>
    grantsBySheet(agent, study, plan).map(
      ({ handOver: { opening } }): MyConsent => ({
        study,
        site: opening.reader,
        secret: fromHex(opening.salt),
      }),
    ),
  )
}

/** What the sites of this node prove about the person's marks. */
async function proofsOf(
  { sites, study }: StudySites,
  history: StudyHistory,
  consents: readonly MyConsent[],
): Promise<ReadonlyMap<string, CohortProof>> {
  const proofs = new Map<string, CohortProof>()
  for (const { round, cohortRoots } of history.rounds) {
    for (const { site: id, secret } of consents.filter(({ site }) => cohortRoots.has(site))) {
      const hosted = sites.find(({ ports }) => ports.own === id)
      if (hosted === undefined) continue
      try {
        const mark = cohortMark(secret, { study: study.id, round }, nodeCrypto.hasher)
        proofs.set(`${round} ${id} ${toHex(mark)}`, await hosted.site.prove(round, mark))
      } catch (error) {
        // A site that lost its note proves nothing; the person is told that the round is unproved.
        if (!isIsletError(error, 'COHORT_LOST')) throw error
      }
    }
  }
  return proofs
}

function documentOf({
  study,
  title,
  purpose,
  rounds,
  models,
}: MyStudy): StudyMineDocument['studies'][number] {
  return {
    study,
    title,
    purpose: [...purpose],
    rounds: rounds
      .filter(({ proof }) => proof !== 'NO_ROOT')
      .map(({ round, site, openedAt, proof, aggregated }) => ({
        round,
        site,
        opened: formatInstant(openedAt),
        proof,
        aggregated,
        verified: proof === 'PRESENT' || proof === 'ABSENT',
      })),
    models: models.map(({ version, model, isWithdrawn, rounds: way }) => ({
      version,
      model,
      state: isWithdrawn ? 'WITHDRAWN' : 'STANDING',
      rounds: [...way],
    })),
  }
}
