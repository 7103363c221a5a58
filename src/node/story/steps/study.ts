/**
 * Sites train one model on virtual patients: plan, approvals, consents, rounds on the ledger; somebody stops between
 * two rounds, and the next one is without them.
 */
import { formatInstant, type InstitutionId, quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import type { VirtualStudyOptions } from '../../study/virtual-study.ts'
import type { Stage } from '../stage.ts'

export async function study(stage: Stage): Promise<void> {
  const played = await stage.playStudy({
    seed: stage.source.seed,
    signal: stage.signal,
    watcher: studyWatcher(stage),
  })
  stage.progress.study = played
  const { passport, people, stopped, sites: asked } = played
  stage.check(
    'the committee and every site’s own reviewers approved the plan before anything ran',
    passport.committee.institutions.length >= passport.committee.quorum && passport.sites.length === asked,
    `${passport.committee.institutions.length} votes of ${passport.committee.quorum}, ${passport.sites.length} sites`,
  )
  const [first, last] = [passport.rounds[0]?.report, passport.rounds.at(-1)?.report]
  const cohorts = await Promise.all(
    [first?.round ?? 0, last?.round ?? 0].map((round) => played.cohort(round)),
  )
  const [before = [], after = []] = cohorts
  stage.check(
    'the first round used exactly those who consented, each at their own site',
    before.length === people && new Set(before).size === people,
    `${before.length} of ${people} people in ${asked} cohorts`,
  )
  stage.check(
    'who stopped between two rounds is in no later cohort, and nobody else is missing',
    before.includes(stopped) && !after.includes(stopped) && after.length === people - 1,
    `${after.length} of ${people} people in round ${last?.round ?? 0}`,
  )
  const rounds = passport.rounds.map(({ report }) => report)
  stage.check(
    'every round ended whole, attested alike by at least two thirds of its sites',
    rounds.every(({ is_partial: isPartial }) => !isPartial),
    passport.rounds
      .map(({ attestations, report }) => `${attestations.length} of ${report.expected.length}`)
      .join(', '),
  )
  // Whoever stopped, and whom a round's rule leaves out, change whose readings are judged: each round is held against the
  // forecast that glucose stays as it is, on the very same readings.
  const errorAt = (report: typeof first, name: string): number =>
    report?.metrics[`${name}_rmse_30_mgdl`] ?? Number.NaN
  const ratioOf = (report: typeof first): number => errorAt(report, 'base') / errorAt(report, 'persistence')
  const [began, ended] = [ratioOf(first), ratioOf(last)]
  stage.check(
    'the model learned: beside the forecast that glucose stays as it is, it errs less after a round than before',
    ended < began,
    `RMSE at 30 minutes on readings held back, over that forecast’s: ${began.toFixed(2)} → ${ended.toFixed(2)} (${errorAt(last, 'base').toFixed(1)} and ${errorAt(last, 'persistence').toFixed(1)} mg/dL)`,
  )
  stage.note({ patients: people, grants: people, revokes: 1 })
  // Where sites live apart, their readings never lie in one place to be judged on.
  if (played.compare === undefined) return
  const beside = await played.compare()
  const figures = beside?.rows.map(
    ({ model, rmse_30_mgdl: at30, rmse_60_mgdl: at60 }) =>
      `${model} ${at30?.toFixed(1) ?? 'unknown'} and ${at60?.toFixed(1) ?? 'unknown'}`,
  )
  stage.check(
    'its errors stand beside those of persistence and of a ridge over all sites, on the very same readings',
    beside?.rows.every(({ rmse_30_mgdl: at30 }) => at30 !== null) === true,
    `RMSE at 30 and 60 minutes, mg/dL: ${figures?.join('; ') ?? 'unknown'}; ${beside?.windows ?? 0} windows held back by ${beside?.people ?? 0} people`,
  )
}

/** Says what the study is about: who did what, who is awaited and until when. */
function studyWatcher({ consortium, underway }: Stage): NonNullable<VirtualStudyOptions['watcher']> {
  const nameOf = (id: InstitutionId): string => consortium.parties.find((one) => one.id === id)?.name ?? id
  const awaits = (round: number, awaited: readonly InstitutionId[], until: number): string => {
    const instant = formatInstant(quantity<UnixSeconds>(until))
    return `round ${round}: awaits ${awaited.map(nameOf).join(', ')} until ${instant}`
  }
  let [round, last] = [0, '']
  const say = (words: string): void => {
    if (words === last) return
    last = words
    underway(words)
  }
  return {
    approved: (sites) => say(`the committee and ${sites} sites approved the plan`),
    consented: (people) => say(`${people} people read the sheet and consented`),
    opened: (number) => {
      round = number
      say(`round ${number}: sites freeze their cohorts and train`)
    },
    stepped: (_, step) => {
      if (step.did === 'wait' && step.awaited.length > 0) say(awaits(step.round, step.awaited, step.until))
    },
    waiting: (awaited, until) => say(awaits(round, awaited, until)),
    halted: (because) => say(`round ${round}: the ledger takes nothing (${because}); it waits until it does`),
    resumed: () => say(`round ${round}: the ledger takes blocks again`),
    ended: (number, phase) => say(`round ${number}: ${phase === 'FINAL' ? 'final' : 'failed'}`),
  }
}
