/**
 * The studies of an institution in a process of its own.
 *
 * Law: what closes ends the rounds under way first; a study is opened from this institution's own papers, which are those
 * of the ledger or are refused.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Type from 'typebox'
import { AddressField } from '../../api/index.ts'
import type { Unlock } from '../../identity/index.ts'
import type { CreditsDeployment, Deployment, Ledger } from '../../ledger/index.ts'
import { deployCredits, deployStudies, secp256k1Signer } from '../../ledger/index.ts'
import { type Hash32, IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { Hosted } from '../institution/hosted.ts'
import { institutionAsk, type Road } from '../institution/wire.ts'
import { type AnsweredWork, type AnswerWorkParts, answerWork } from '../study/answer-work.ts'
import { noStudyHere } from '../study/not-here.ts'
import type { DeskInstitution, StudyDesk } from '../study/study-desk.ts'
import type { StudyOffice } from '../study/study-office.ts'
import type { StudyShelf } from '../study/study-shelf.ts'
import type { StudyTown } from '../study/study-town.ts'
import { type StudyRoutes, studyRoutes } from './study-routes.ts'
import type { StudyVerbs } from './study-verbs.ts'

export interface StudyHostParts {
  readonly hosted: Hosted
  readonly ledger: Ledger
  readonly deployment: Deployment
  readonly road: Road
  readonly unlock: Unlock
  /** How the members are called. */
  readonly known: readonly DeskInstitution[]
  /** Told what goes wrong where nobody waits. */
  readonly report: (error: unknown) => void
  /** Told what another site did wrong, as a code. */
  readonly told: (site: string, code: string) => void
}

export interface StudyHost extends StudyVerbs {
  /** The routes of studies; those of a node without any until they are opened. */
  readonly routes: StudyRoutes
  /** Opens studies where they were opened before, so that an institution that starts again answers the others. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** Where the contracts of studies stand, as the institution was told; held against their code at each opening. */
const ContractsFile = Type.Object({
  schema: Type.Literal('islet.study.contracts/1'),
  studies: AddressField,
  rounds: AddressField,
  credits: AddressField,
})

/** How long the papers of a study are looked for, and how often, milliseconds: blocks reach members one after the other. */
const TAKING_LIMIT_MS = 60_000
const TAKEN_AGAIN_AFTER_MS = 250

/** Everything about learning is loaded when the first study is opened: most institutions start without one. */
export function studyHost(need: () => StudyHostParts): StudyHost {
  const ending = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  let opened: StudyDesk | undefined
  let work: AnsweredWork | undefined
  let shared: StudyShelf | undefined
  let office: StudyOffice | undefined
  const desk = (): StudyDesk => {
    if (opened === undefined) throw new IsletError('NOT_READY', 'studies are not open here yet')
    return opened
  }
  const town = (): StudyTown => {
    const { hosted, ledger, deployment, road, unlock, known } = need()
    const { key, directory } = hosted
    const house = (): Hosted => hosted
    return { hosted: new Map([[key, hosted]]), house, ledger, deployment, road, unlock, known, directory }
  }
  const contractsPath = (): string => join(need().hosted.directory, 'studies', 'contracts.json')
  const open = async (at: CreditsDeployment): Promise<void> => {
    const [{ openStudyDesk }, { answerPapers, sharedShelf }, { studyOffice }] = await Promise.all([
      import('../study/study-desk.ts'),
      import('../study/study-papers.ts'),
      import('../study/study-office.ts'),
    ])
    if (opened !== undefined) return
    const { hosted, road, report } = need()
    const { id: own, keys } = hosted
    opened = await openStudyDesk(town(), at)
    work = answerWork({ own, chain: opened.chain, audit, worth })
    const { shelf } = opened
    shared = sharedShelf({ own, shelf, desk, ask: institutionAsk(own, keys.message, road) })
    office = studyOffice(town(), report, { desk: async () => desk(), shelf: shared })
    hosted.serve({ ...work.handlers, ...answerPapers(shelf) })
  }
  const running = async (study: Hash32) => {
    const { openStudySites } = await import('../study/study-sites.ts')
    return openStudySites(town(), desk(), await desk().find(study), { told: need().told })
  }
  const audit: AnswerWorkParts['audit'] = async (study, isAwaited) => {
    const { auditSite } = await import('../study/audit-desk.ts')
    const { study: opened, sites } = await running(study)
    const [own] = sites
    if (own === undefined) throw noStudyHere()
    const { rounds, result } = await auditSite(desk(), opened, own, { isAwaited })
    return { rounds: rounds.map(({ round, code }) => ({ round, code })), result }
  }
  const worth: AnswerWorkParts['worth'] = async (study) => {
    const { worthHere } = await import('../study/judge-desk.ts')
    const { windows, worth } = await worthHere(desk(), await running(study))
    return { windows, ...worth, rounds: [...worth.rounds], values: [...worth.values] }
  }
  const sitting = async (study: Hash32) => {
    const { hosted } = need()
    const [offices, { planHash }] = await Promise.all([
      desk().officesOf(hosted.key),
      desk().chain.study(study),
    ])
    return { chain: desk().chain, offices, planHash }
  }
  return {
    routes: studyRoutes(() => office?.handlers),
    foundStudies: async () => {
      const { hosted, ledger, deployment } = need()
      const by = secp256k1Signer(hosted.keys.ledgerKey)
      const { COMMITTEE_QUORUM: quorum } = await import('../study/study-desk.ts')
      return deployCredits(ledger, await deployStudies(ledger, deployment, { by, quorum }), by)
    },
    openStudies: async (at) => {
      await open(at)
      await desk().officesOf(need().hosted.key)
      const { studies, rounds, credits } = at
      await writeDocumentFile(contractsPath(), {
        schema: 'islet.study.contracts/1',
        studies,
        rounds,
        credits,
      })
    },
    reopen: async () => {
      const file = await readDocumentFile(contractsPath(), ContractsFile, 'STUDY_PAPER_DAMAGED')
      if (file === undefined) return
      const { studies, rounds, credits } = file
      await open({ ...need().deployment, studies, rounds, credits })
    },
    submitStudy: (plan, sheet) => desk().submit(need().hosted.key, plan, sheet),
    takeStudy: async (study) => {
      for (const until = Date.now() + TAKING_LIMIT_MS; ; await sleep(TAKEN_AGAIN_AFTER_MS)) {
        const files = (await shared?.studies()) ?? []
        if (files.some((file) => file.study === study)) return
        if (Date.now() >= until) throw noStudyHere()
      }
    },
    voteForStudy: async (study, until) => {
      const { chain, offices, planHash } = await sitting(study)
      await chain.as(offices.seat).vote(study, planHash, { verdict: 'APPROVE', until })
    },
    approveStudy: async (study) => {
      const { chain, offices, planHash } = await sitting(study)
      await chain.as(offices.reviewer).approveSite(study, planHash)
    },
    openStudy: async (study) => {
      await desk().chain.as(desk().signerOf(need().hosted.key)).open(study)
    },
    runStudy: async (study, mostRounds) => {
      const { runStudy } = await import('../study/run-study.ts')
      const rounds = mostRounds === undefined ? {} : { mostRounds }
      const options = { signal: ending.signal, patience: Number.POSITIVE_INFINITY, ...rounds }
      const work = runStudy(desk(), await running(study), options)
      underWay.add(work)
      await work.finally(() => underWay.delete(work))
    },
    studyCohort: async (study, round) => {
      const records = (await running(study)).sites.map(({ site }) => site.cohort(round))
      return (await Promise.all(records)).flatMap((record) => record?.included ?? [])
    },
    studyPassport: async (study) => {
      const { issuePassport } = await import('../study/run-study.ts')
      const { chainId } = need().ledger
      const { deployment } = desk()
      return issuePassport(desk(), await running(study), await desk().find(study), { chainId, deployment })
    },
    auditStudy: async (study) => {
      const { auditSites } = await import('../study/audit-desk.ts')
      return auditSites(desk(), await running(study))
    },
    studyContribution: async (study) => {
      const { contributionOnce } = await import('../study/judge-desk.ts')
      return (await contributionOnce(desk(), await desk().find(study), await running(study))).document
    },
    judgePassport: async (study, passport) => {
      const { passportEvidence, verifyPassport } = await import('../../study/index.ts')
      const { objects, words, sites } = await running(study)
      const [site] = sites
      if (site === undefined)
        throw new IsletError('STUDY_UNKNOWN', 'this institution is no site of the study')
      const { chain, learner } = site.ports
      return verifyPassport(passport, await passportEvidence({ chain, objects, words, learner }, study))
    },
    close: async () => {
      ending.abort()
      await Promise.allSettled([...underWay, work?.close(), office?.close()])
    },
  }
}
