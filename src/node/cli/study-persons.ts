/**
 * `islet study join|mine`, and `withdraw --person`: what a person of this data directory does about studies.
 *
 * Laws: a consent names the version of the sheet that the person read; where they consented to an earlier one, they are
 * shown what changed; who stops gets a receipt that names the block from which they are out.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { StudyJoinDocument, StudyMineDocument } from '../../api/documents.door.ts'
import type { InformationSheet } from '../../study/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { openPerson, type PersonHere } from '../story/person.ts'
import { joinStudy } from '../study/join-study.ts'
import { leaveStudy, myStudies } from '../study/my-studies.ts'
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
  const { site, sheet } = options
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    const house = consortium.house(String(site))
    const { agent } = await personOf(consortium, options['person'], house)
    const read = typeof sheet === 'string' ? { read: sheet } : {}
    const joined = await joinStudy(desk, file, { agent, house, ...read })
    if (context.json) printDocument(joined.document, terminal)
    else for (const line of joinWords(joined.document, joined.sheet)) terminal.out(`${line}\n`)
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
      : changeWords(changes)
  const end =
    consent === null
      ? `To consent to this version of the sheet, name it: --sheet ${hash.slice(0, 12)}`
      : `You consented to sheet ${hash.slice(0, 12)}; you can stop at any time: islet study withdraw --person HANDLE`
  return [...shown, end]
}

/** Handles as they are typed; they are folder names, which say nothing about anybody. */
function handlesOf(handles: readonly string[]): string {
  if (handles.length === 0) return 'nobody is here yet'
  const shown = handles.slice(0, 8).map((handle) => handle.slice(0, 8))
  return `${shown.join(', ')}${handles.length > shown.length ? ', …' : ''}`
}

/** What changed since the person consented, in words. */
function changeWords(changes: NonNullable<StudyJoinDocument['changes']>): readonly string[] {
  if (changes.length === 0) return ['Nothing in the sheet changed since you consented.']
  const said = { ADDED: 'new section', REMOVED: 'section left out', CHANGED: 'changed' } as const
  return [
    'Since you consented, the sheet changed; your consent to the old version lets no later round use you:',
    ...changes.flatMap(({ title, kind, added, removed }) => [
      `${title} (${said[kind]})`,
      ...removed.map((line) => `  no longer: ${line}`),
      ...added.map((line) => `  now: ${line}`),
      ...(kind === 'CHANGED' && added.length + removed.length === 0
        ? ['  the same words, under another title or in another place']
        : []),
    ]),
  ]
}

/**
 * A person of this data directory by the beginning of their handle; when none is named the only one, where a site is
 * given the only one whose data lie there. Throws `PERSON_UNKNOWN`.
 */
export async function personOf(
  consortium: Consortium,
  named: unknown,
  site?: Pick<Hosted, 'id'>,
): Promise<PersonHere> {
  const all = await readdir(join(consortium.directory, 'patients')).catch(() => [])
  const handles = typeof named === 'string' ? all.filter((handle) => handle.startsWith(named)) : all
  const open = (handle: string) => openPerson(consortium, handle, consortium.unlock)
  const [only, second] = handles
  if (only !== undefined && second === undefined) return open(only)
  if (site === undefined || only === undefined) throw notOne(all.length, only === undefined ? all : handles)
  const there: PersonHere[] = []
  for (const handle of handles) {
    const person = await open(handle)
    if (person.agent.memory.now.custodian === site.id) there.push(person)
  }
  const [here, other] = there
  if (here !== undefined && other === undefined) return here
  throw notOne(all.length, here === undefined ? handles : there.map(({ handle }) => handle))
}

function notOne(people: number, handles: readonly string[]): IsletError {
  return new IsletError(
    'PERSON_UNKNOWN',
    handles.length > 1 ? 'more than one person fits' : 'there is no such person in this data directory',
    { people },
    { remedy: `Name one with --person, by the beginning of the handle: ${handlesOf(handles)}` },
  )
}
