/**
 * A virtual study whose sites live in processes of their own: each decides, trains and signs at home, and what they have
 * for each other goes by signed messages over HTTPS.
 *
 * Law: this process brings the people, and the papers to the applicant, and keeps nothing between sites: no paper, model,
 * update or word of theirs passes through it.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { PlayedStudy } from '../study/played-study.ts'
import { consenting, type VirtualStudyOptions, virtualStudy } from '../study/virtual-study.ts'
import { CHARTER, OPERATOR } from '../world/charter.ts'
import type { Apart } from './apart.ts'

/** Sites of a study apart unless said otherwise: as many as masks need to lose one, and as two cores train at once. */
const SITES = 4
/** Seats that a decision of the committee needs here. */
const VOTES = 3

/** Plays it whole. Throws `STUDY_STOPPED` and what the parts throw. */
export async function playStudyApart(world: Apart, options: VirtualStudyOptions): Promise<PlayedStudy> {
  const { watcher = {}, signal } = options
  const everybody = CHARTER.map(({ key }) => key)
  const keys = options.sites ?? everybody.filter((key) => key !== OPERATOR).slice(0, SITES)
  const { applicant, homes, lived, papers, until } = virtualStudy({ ...options, sites: keys })
  const at = (key: string) => world.studiesAt(key)
  const going = <T>(work: Promise<T>): Promise<T> => {
    signal?.throwIfAborted()
    return work
  }

  const founded = await at(OPERATOR).foundStudies()
  await Promise.all(everybody.map((key) => at(key).openStudies(founded)))
  const { plan, sheet } = papers
  const file = await going(at(applicant).submitStudy(plan, sheet))
  const { study } = file
  const voters = everybody.filter((key) => key !== applicant).slice(0, VOTES)
  await Promise.all(voters.map((key) => at(key).voteForStudy(study, until)))
  await Promise.all(keys.map((key) => at(key).takeStudy(study)))
  await going(Promise.all(keys.map((key) => at(key).approveStudy(study))))
  await going(at(applicant).openStudy(study))
  watcher.approved?.(keys.length)

  const participants = await going(
    Promise.all(
      lived.people.map((person, i) => consenting(world, world.party(homes[i] ?? ''), person, file, plan)),
    ),
  )
  watcher.consented?.(participants.length)
  const [stopping] = participants
  const [first = ''] = keys
  if (stopping === undefined) throw new IsletError('BAD_SCENARIO', 'nobody takes part')

  watcher.opened?.(1)
  await going(Promise.all(keys.map((key) => at(key).runStudy(study, 1))))
  await stopping.person.agent.revoke(stopping.consent)
  watcher.opened?.(2)
  await going(Promise.all(keys.map((key) => at(key).runStudy(study))))
  const passport = await at(first).studyPassport(study)
  const judge = (document: unknown) => at(first).judgePassport(study, document)
  return {
    sites: keys.length,
    passport,
    verdict: await judge(passport),
    people: participants.length,
    consents: participants.map(({ consent }) => consent),
    stopped: stopping.consent,
    cohort: async (round) => (await Promise.all(keys.map((key) => at(key).studyCohort(study, round)))).flat(),
    judge,
  }
}
