/**
 * `islet study join|mine`, and `withdraw --person`: what a person of this data directory does about studies.
 *
 * Laws: a consent names the version of the sheet that the person read; where they consented to an earlier one, they are
 * shown what changed; who stops gets a receipt that names the block from which they are out.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { StudyJoinDocument, StudyMineDocument } from '../../api/documents.door.ts'
import { type InformationSheet, type SheetChange, sheetDifference, studySubject } from '../../study/index.ts'
import { IsletError, parseInstant } from '../../vocabulary/index.ts'
import { hostedParty } from '../institution/hosted-party.ts'
import { openPerson, type PersonHere } from '../story/person.ts'
import { grantsBySheet, leaveStudy, myStudies } from '../study/my-studies.ts'
import type { StudyDesk } from '../study/study-desk.ts'
import type { StudyFile } from '../study/study-shelf.ts'
import { openStudySites } from '../study/study-sites.ts'
import type { Consortium } from '../world/consortium.ts'
import { EXIT, printDocument } from './outcome.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function studyMine(context: VerbContext, _: readonly string[], options: Options): VerbOutcome {
  const { terminal } = context
  return withStudyDesk(context, async (desk, consortium) => {
    const { agent } = await personOf(consortium, options['person'])
    const document = await myStudies(desk, agent, (file) => openStudySites(consortium, desk, file))
    if (context.json) printDocument(document, terminal)
    else for (const line of mineWords(document)) terminal.out(`${line}\n`)
    return document.findings.length === 0 ? EXIT.done : EXIT.checkFailed
  })
}

function mineWords({ studies, findings }: StudyMineDocument): readonly string[] {
  if (studies.length === 0) return ['No study of this node has your consent.']
  return [
    ...studies.flatMap(({ title, purpose, rounds, models }) => [
      `${title}  (${purpose.join(', ')})`,
      ...rounds.map(({ round, opened, proof, aggregated }) => {
        const used = proof === 'PRESENT' ? (aggregated ? 'used you' : 'held you, but was not used') : proof
        return `  round ${round}, ${opened}: ${used}`
      }),
      ...models.map(
        ({ version, state, rounds: way }) =>
          `  model version ${version} (${state}) learned from you in rounds ${way.join(', ')}`,
      ),
    ]),
    ...findings.map(({ code, where }) => `  ${code}  ${where}`),
  ]
}

export async function studyJoin(
  context: VerbContext,
  [id]: readonly string[],
  options: Options,
): VerbOutcome {
  const { terminal } = context
  const { site, sheet: named } = options
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const plan = await desk.shelf.plan((await desk.chain.plan(file.study)).document)
    const sheet = plan === undefined ? undefined : await desk.shelf.sheet(plan.information_sheet)
    if (plan === undefined || sheet === undefined) throw paperMissing()
    const person = await personOf(consortium, options['person'])
    const before = await sheetBefore(desk, file, person)
    const house = consortium.house(String(site))
    const party = hostedParty(house)
    let consent: StudyJoinDocument['consent'] = null
    if (typeof named === 'string') {
      if (!plan.information_sheet.startsWith(named.toLowerCase())) throw otherSheet()
      const { agent } = person
      if (agent.memory.now.custodian === null) await agent.enrol(house.id)
      const mailbox = await agent.openMailbox(house.name)
      const custodian = agent.memory.now.custodian ?? house.id
      const asked = await party.ask(
        { custodian, mailbox },
        {
          subject: studySubject(file.study, plan.information_sheet, plan.title),
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
      consent = (await agent.grant(request.request, {}, { requestId: request.id })).handOver.consentId
    }
    const document: StudyJoinDocument = {
      schema: 'islet.study.join/1',
      study: file.study,
      site: house.key,
      information_sheet: plan.information_sheet,
      changes: before === undefined ? null : sheetDifference(before, sheet).map(changeOf),
      consent,
    }
    if (context.json) printDocument(document, terminal)
    else for (const line of joinWords(document, sheet)) terminal.out(`${line}\n`)
    return EXIT.done
  })
}

/** A person leaves a study: every consent to it is revoked, and a receipt says from which block on they are out. */
export async function studyLeave(
  context: VerbContext,
  [id]: readonly string[],
  options: Options,
): VerbOutcome {
  const { terminal } = context
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const { agent } = await personOf(consortium, options['person'])
    const document = await leaveStudy(desk, consortium, file, agent)
    if (context.json) printDocument(document, terminal)
    else {
      for (const { out_from_block: block, out_from: from } of document.receipts)
        terminal.out(
          `You are out from block ${block} on (${from}): no round opened then or later uses you.\n`,
        )
      if (document.receipts.length + document.on_their_way.length === 0)
        terminal.out('This person has no consent to this study that could be stopped.\n')
      if (document.on_their_way.length > 0)
        terminal.out('The revoke is on its way to the ledger; whoever saw it refuses already.\n')
    }
    return EXIT.done
  })
}

function joinWords(document: StudyJoinDocument, sheet: InformationSheet): readonly string[] {
  const { changes, consent, information_sheet: hash } = document
  const shown =
    changes === null
      ? sheet.sections.flatMap(({ title, text }) => [title, ...text.map((line) => `  ${line}`)])
      : changes.flatMap(({ title, kind, added, removed }) => [
          `${title} (${kind.toLowerCase()})`,
          ...removed.map((line) => `  - ${line}`),
          ...added.map((line) => `  + ${line}`),
        ])
  const end =
    consent === null
      ? `To consent to this version of the sheet, name it: --sheet ${hash.slice(0, 12)}`
      : `You consented to sheet ${hash.slice(0, 12)}; you can stop at any time: islet study withdraw --person HANDLE`
  return [...shown, end]
}

function changeOf(change: SheetChange): NonNullable<StudyJoinDocument['changes']>[number] {
  const { kind, id, title } = change
  const lines = change.kind === 'CHANGED' ? change : { added: [], removed: [] }
  return { kind, id, title, added: [...lines.added], removed: [...lines.removed] }
}

/** The sheet that the person consented to last, where it is not the present one. */
async function sheetBefore(
  { shelf }: StudyDesk,
  { study, plans }: StudyFile,
  { agent }: PersonHere,
): Promise<InformationSheet | undefined> {
  for (const document of [...plans].reverse()) {
    const plan = await shelf.plan(document)
    if (plan === undefined) continue
    if (grantsBySheet(agent, study, plan).length > 0) return shelf.sheet(plan.information_sheet)
  }
  return undefined
}

/** A person of this data directory by handle; the only one when none is named. Throws `PERSON_UNKNOWN`. */
async function personOf(consortium: Consortium, named: unknown): Promise<PersonHere> {
  const handles = await readdir(join(consortium.directory, 'patients')).catch(() => [])
  const fitting = typeof named === 'string' ? handles.filter((handle) => handle.startsWith(named)) : handles
  const [handle, second] = fitting
  if (handle === undefined || second !== undefined) {
    throw new IsletError(
      'PERSON_UNKNOWN',
      handle === undefined ? 'there is no such person in this data directory' : 'more than one person fits',
      { people: handles.length },
      { remedy: 'Name one with --person HANDLE; the handles are the folders under patients/.' },
    )
  }
  return openPerson(consortium, handle, consortium.unlock)
}

function paperMissing(): IsletError {
  return new IsletError(
    'STUDY_PAPER_MISSING',
    'the plan or the information sheet is not in this data directory',
    {},
    { remedy: 'Fetch it from the applicant; its hash is on the ledger.' },
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
