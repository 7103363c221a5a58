/** The plan and the information sheet of the study on virtual patients. */
import type { InformationSheet, StudyPlan } from '../../study/index.ts'
import { LEARNER_CODE, networkLearner, sheetHash } from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { formatInstant, hash32, toHex, type UnixSeconds, utf8 } from '../../vocabulary/index.ts'

export interface VirtualPlanFacts {
  readonly from: UnixSeconds
  readonly until: UnixSeconds
  readonly expires: UnixSeconds
  readonly rounds: number
  /** Fewest sites of a round. */
  readonly minimumSites: number
}

const SHEET: InformationSheet = {
  schema: 'islet.study.sheet/1',
  language: 'en',
  sections: [
    {
      id: 'what-for',
      title: 'What the study is for',
      text: ['To show how sites train one forecaster together. The patients are simulated.'],
    },
    {
      id: 'what-of-you',
      title: 'What is used of you',
      text: ['Simulated sensor glucose, at the site that holds it.'],
    },
    {
      id: 'your-say',
      title: 'What you can do at any time',
      text: ['Stop: from the block that holds the revoke on, no round uses you.'],
    },
  ],
}

/** A small forecaster on sensor glucose; every step of a round waits at most five minutes for who is slow. */
export function virtualPlan(facts: VirtualPlanFacts): {
  readonly plan: StudyPlan
  readonly sheet: InformationSheet
} {
  const draft: StudyPlan = {
    schema: 'islet.study.plan/1',
    title: 'Forecasting glucose, on virtual patients',
    question: 'Do sites that train together forecast simulated glucose thirty minutes ahead?',
    purpose: { duo: ['DUO:0000007'], disease: 'diabetes mellitus' },
    data: {
      kinds: ['glucose'],
      features: ['glucose'],
      from: formatInstant(facts.from),
      until: formatInstant(facts.until),
    },
    cohort: { minimum_days: 1, minimum_wear_percent: 50 },
    model: { name: 'gru-8', code_hash: LEARNER_CODE, initial_hash: hashOf('drawn below') },
    rounds: facts.rounds,
    // Sites of one person tell a person by their level: moved levels keep a network from learning that by heart.
    strategy: { name: 'fedavg', local_epochs: 15, learning_rate: 0.01, level_shift_mgdl: 120 },
    privacy: { aggregation: 'open', clip_norm: 5, differential_privacy: null },
    deadlines: { step_seconds: 300 },
    quorum: { minimum_sites: facts.minimumSites },
    outputs: ['model', 'metrics'],
    information_sheet: sheetHash(SHEET),
    expires: formatInstant(facts.expires),
  }
  const learner = networkLearner(draft, { hasher: nodeCrypto.hasher })
  const initial = learner.modelHash(learner.firstModel())
  return { plan: { ...draft, model: { ...draft.model, initial_hash: initial } }, sheet: SHEET }
}

function hashOf(text: string) {
  return hash32(toHex(nodeCrypto.hasher.sha256(utf8(text))))
}
