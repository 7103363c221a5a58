/**
 * The studies of an institution in a process of its own.
 *
 * Law: what closes ends the rounds under way first; a study is opened from this institution's own papers, which are those
 * of the ledger or are refused.
 */
import { join } from 'node:path'
import Type from 'typebox'
import { AddressField } from '../../api/index.ts'
import type { Unlock } from '../../identity/index.ts'
import type { CreditsDeployment, Deployment, Ledger } from '../../ledger/index.ts'
import { deployCredits, deployStudies, secp256k1Signer } from '../../ledger/index.ts'
import { type Hash32, IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { Hosted } from '../institution/hosted.ts'
import type { Road } from '../institution/wire.ts'
import { type AnsweredWork, type AnswerWorkParts, answerWork } from '../study/answer-work.ts'
import { noStudyHere } from '../study/not-here.ts'
import type { StudyDesk } from '../study/study-desk.ts'
import type { StudyVerbs } from './study-verbs.ts'

export interface StudyHostParts {
  readonly hosted: Hosted
  readonly ledger: Ledger
  readonly deployment: Deployment
  readonly road: Road
  readonly unlock: Unlock
  /** Told what another site did wrong, as a code. */
  readonly told: (site: string, code: string) => void
}

export interface StudyHost extends StudyVerbs {
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

/** Everything about learning is loaded when the first study is opened: most institutions start without one. */
export function studyHost(need: () => StudyHostParts): StudyHost {
  const ending = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  let opened: StudyDesk | undefined
  let work: AnsweredWork | undefined
  const desk = (): StudyDesk => {
    if (opened === undefined) throw new IsletError('NOT_READY', 'studies are not open here yet')
    return opened
  }
  const consortium = () => {
    const { hosted, ledger, deployment, road, unlock } = need()
    const directory = hosted.directory
    return { hosted: new Map([[hosted.key, hosted]]), ledger, deployment, road, unlock, directory }
  }
  const contractsPath = (): string => join(need().hosted.directory, 'studies', 'contracts.json')
  const open = async (at: CreditsDeployment): Promise<void> => {
    const { openStudyDesk } = await import('../study/study-desk.ts')
    if (opened !== undefined) return
    opened = await openStudyDesk(consortium(), at)
    const { hosted } = need()
    work = answerWork({ own: hosted.id, chain: opened.chain, audit, worth })
    hosted.serve(work.handlers)
  }
  const running = async (study: Hash32) => {
    const { openStudySites } = await import('../study/study-sites.ts')
    return openStudySites(consortium(), desk(), await desk().find(study), { told: need().told })
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
    takeStudy: async (file, plan, sheet) => {
      const { shelf, chain } = desk()
      const terms = await chain.plan(file.study)
      const [document, told] = [await shelf.keepPlan(plan), await shelf.keepSheet(sheet)]
      if (document !== terms.document || told !== terms.sheet)
        throw new IsletError('STUDY_PAPER_DAMAGED', 'the papers are not those that the ledger has')
      await shelf.keepStudy(file)
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
      await Promise.allSettled([...underWay, work?.close()])
    },
  }
}
