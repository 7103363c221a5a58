/**
 * A person's consent to a study at a site of this node: shown the sheet, or what changed in it, and given by naming it.
 *
 * Law: a consent names the version of the sheet that the person read; another version is refused, not taken for consent.
 */
import type { StudyJoinDocument } from '../../api/documents.door.ts'
import type { SheetChanges } from '../../api/study.door.ts'
import type { PatientAgent } from '../../consent/index.ts'
import {
  type InformationSheet,
  type SheetChange,
  type StudyPlan,
  sheetDifference,
  studySubject,
} from '../../study/index.ts'
import { type ConsentId, hash32, IsletError, parseInstant } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { hostedParty } from '../institution/hosted-party.ts'
import { grantsBySheet } from './my-studies.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

export interface Joining {
  readonly agent: PatientAgent
  readonly house: Hosted
  /** Hash of the sheet that the person read, or its beginning; without it they are only shown it. */
  readonly read?: string
}

/** Shows the sheet, and gives the consent where it was read. Throws `SHEET_OUTDATED`, `STUDY_NOT_OPEN`, `STUDY_PAPER_MISSING`. */
export async function joinStudy(
  desk: StudyDesk,
  file: StudyFile,
  { agent, house, read }: Joining,
): Promise<{ readonly document: StudyJoinDocument; readonly sheet: InformationSheet }> {
  const plan = await desk.shelf.plan((await desk.chain.plan(file.study)).document)
  const sheet = plan === undefined ? undefined : await desk.shelf.sheet(plan.information_sheet)
  if (plan === undefined || sheet === undefined) throw paperMissing()
  const before = await sheetBefore(desk, file, agent)
  if (read !== undefined && !plan.information_sheet.startsWith(read.toLowerCase())) throw otherSheet()
  if (read !== undefined) await requireOpen(desk, file)
  const document: StudyJoinDocument = {
    schema: 'islet.study.join/1',
    study: file.study,
    site: house.key,
    information_sheet: plan.information_sheet,
    sheet,
    changes: before === undefined ? null : sheetDifference(before, sheet).map(changeOf),
    consent: read === undefined ? null : hash32(await consent(file, plan, { agent, house })),
  }
  return { document, sheet }
}

/** Asked by the site, granted by the person. */
async function consent(
  { study }: StudyFile,
  plan: StudyPlan,
  { agent, house }: Pick<Joining, 'agent' | 'house'>,
): Promise<ConsentId> {
  if (agent.memory.now.custodian === null) await agent.enrol(house.id)
  const custodian = agent.memory.now.custodian ?? house.id
  const mailbox = await agent.openMailbox(house.name)
  const asked = await hostedParty(house).ask(
    { custodian, mailbox },
    {
      subject: studySubject(study, plan.information_sheet, plan.title),
      kinds: plan.data.kinds,
      actions: ['read'],
      purposes: ['HRESCH'],
      from: parseInstant(plan.data.from),
      until: parseInstant(plan.data.until),
      expiresAt: parseInstant(plan.expires),
    },
  )
  const { requests } = await agent.collect()
  const request = requests.find((pending) => pending.request.body.salt === asked.salt)
  if (request === undefined) throw new IsletError('REQUEST_LOST', 'the request did not reach the mailbox')
  return (await agent.grant(request.request, {}, { requestId: request.id })).handOver.consentId
}

/** The sheet that the person consented to last. */
async function sheetBefore(
  { shelf }: StudyDesk,
  { study, plans }: StudyFile,
  agent: PatientAgent,
): Promise<InformationSheet | undefined> {
  for (const document of [...plans].reverse()) {
    const plan = await shelf.plan(document)
    if (plan !== undefined && grantsBySheet(agent, study, plan).length > 0)
      return shelf.sheet(plan.information_sheet)
  }
  return undefined
}

/** A change as people and programs are shown it. */
export function changeOf(change: SheetChange): SheetChanges[number] {
  const { added, removed } = change
  return { ...change, added: [...added], removed: [...removed] }
}

function paperMissing(): IsletError {
  return new IsletError(
    'STUDY_PAPER_MISSING',
    'the plan or the information sheet is not in this data directory',
    {},
    { remedy: 'Fetch it from the applicant; its hash is on the ledger.' },
  )
}

/** Nobody consents before committee and sites approved what they consent to. */
async function requireOpen({ chain }: StudyDesk, { study }: StudyFile): Promise<void> {
  const { state } = await chain.study(study)
  if (state === 'OPEN') return
  throw new IsletError(
    'STUDY_NOT_OPEN',
    'the study is not open for consent',
    { state },
    { remedy: 'See where it stands: islet study status' },
  )
}

function otherSheet(): IsletError {
  return new IsletError(
    'SHEET_OUTDATED',
    'this is not the present version of the information sheet',
    {},
    { at: { field: 'sheet' }, remedy: 'Read the present one: the same command without --sheet shows it.' },
  )
}
