/**
 * `islet study submit|approve|open|withdraw|status`: what institutions of this data directory do about studies.
 *
 * Laws: each act is one transaction of the office that is named, judged by the ledger alone; after it the study's state
 * is printed. The directory must not be in use by a running node.
 */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StudyDocument } from '../../api/documents.door.ts'
import type { StudyDecision } from '../../api/index.ts'
import { readPlan, readSheet, type StudyAction } from '../../study/index.ts'
import { isIsletError, parseInstant } from '../../vocabulary/index.ts'
import { DECISION_ACTIONS, decideStudy, openStudy } from '../study/decide-study.ts'
import { explained } from '../study/explain-refusal.ts'
import type { StudyDesk } from '../study/study-desk.ts'
import type { StudyFile } from '../study/study-shelf.ts'
import { openStudySites, type StudySites } from '../study/study-sites.ts'
import { studyStatus } from '../study/study-status.ts'
import type { Consortium } from '../world/consortium.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { readPaper } from './study-paper.ts'
import { statusWords } from './study-words.ts'
import { withStudyDesk } from './study-world.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function studySubmit(
  context: VerbContext,
  [path = '']: readonly string[],
  options: Options,
): VerbOutcome {
  const sheetPath = textOf(options, 'sheet') ?? join(dirname(path), 'sheet.yaml')
  const plan = readPaper(path, await readFile(path, 'utf8'), readPlan)
  const sheet = readPaper(sheetPath, await readFile(sheetPath, 'utf8'), readSheet)
  const replaced = textOf(options, 'study')
  return act(context, { id: replaced }, async (desk) => {
    if (replaced !== undefined) return (await desk.amend(await desk.find(replaced), plan, sheet)).study
    return (await desk.submit(textOf(options, 'as') ?? '', plan, sheet)).study
  })
}

export async function studyApprove(
  context: VerbContext,
  [id]: readonly string[],
  options: Options,
): VerbOutcome {
  const as = textOf(options, 'as') ?? ''
  const until = textOf(options, 'until')
  const ends = until === undefined ? {} : { until: parseInstant(until) }
  const conditions = textOf(options, 'conditions')
  const decision = options['office'] === 'site' ? 'TAKE_PART' : decisionOf(options['verdict'])
  return act(context, { id, vote: DECISION_ACTIONS[decision] }, async (desk) => {
    const { study } = await desk.find(id)
    const { planHash } = await desk.chain.study(study)
    await decideStudy(desk, {
      as,
      study,
      planHash,
      decision,
      ...ends,
      ...(conditions === undefined ? {} : { conditions }),
    })
    return study
  })
}

export async function studyOpen(
  context: VerbContext,
  [id]: readonly string[],
  options: Options,
): VerbOutcome {
  const conditions = textOf(options, 'conditions')
  return act(context, { id }, async (desk) => {
    const file = await desk.find(id)
    await openStudy(desk, file, conditions)
    return file.study
  })
}

export async function studyWithdraw(
  context: VerbContext,
  [id]: readonly string[],
  options: Options,
): VerbOutcome {
  const as = textOf(options, 'as')
  if (textOf(options, 'person') !== undefined) {
    return (await import('./study-persons.ts')).studyLeave(context, id === undefined ? [] : [id], options)
  }
  if (as === undefined)
    throw usage('nobody is named who leaves', 'name a person (--person) or an institution (--as)')
  return act(context, { id }, async (desk) => {
    const { study, applicant } = await desk.find(id)
    const acts = desk.chain.as(desk.signerOf(as))
    if (as !== applicant) await acts.leaveStudy(study)
    else if ((await desk.chain.study(study)).state === 'OPEN') await acts.close(study)
    else await acts.withdraw(study)
    return study
  })
}

export async function studyStatusVerb(context: VerbContext, [id]: readonly string[]): VerbOutcome {
  return withStudyDesk(context, async (desk, consortium) => {
    const file = await desk.find(id)
    print(context, await studyStatus(desk, file, await sitesHere(desk, consortium, file)))
    return EXIT.done
  })
}

/** The sites of this node, where it can run the study at all. */
async function sitesHere(
  desk: StudyDesk,
  consortium: Consortium,
  file: StudyFile,
): Promise<StudySites['sites']> {
  try {
    return (await openStudySites(consortium, desk, file)).sites
  } catch (error) {
    if (isIsletError(error, 'MODEL_UNKNOWN', 'STRATEGY_UNKNOWN', 'PRIVACY_UNSUPPORTED')) return []
    throw error
  }
}

function print({ json, terminal }: VerbContext, document: StudyDocument): void {
  if (json) printDocument(document, terminal)
  else for (const line of statusWords(document)) terminal.out(`${line}\n`)
}

/** Does something about a study, then prints where it stands; what the ledger refuses is told with its reason. */
async function act(
  context: VerbContext,
  named: { readonly id: string | undefined; readonly vote?: StudyAction },
  work: (desk: StudyDesk) => Promise<string>,
): VerbOutcome {
  return withStudyDesk(context, async (desk) => {
    const study = await work(desk).catch(async (error: unknown) => {
      if (named.id === undefined && (await desk.shelf.studies()).length !== 1) throw error
      throw await explained(desk, (await desk.find(named.id)).study, error, named.vote)
    })
    print(context, await studyStatus(desk, await desk.find(study)))
    return EXIT.done
  })
}

function decisionOf(word: unknown): StudyDecision {
  switch (word) {
    case 'reject':
      return 'REJECT'
    case 'renew':
      return 'RENEW'
    case 'revoke':
      return 'REVOKE'
    case 'recuse':
      return 'RECUSE'
    default:
      return 'APPROVE'
  }
}

function textOf(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}
