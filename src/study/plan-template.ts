/**
 * The plan and the information sheet that `islet study init` writes: complete, commented, and ready to be changed.
 *
 * Law: what it gives is a plan that is accepted as it stands.
 */
import { formatInstant, type Hash32, type UnixSeconds } from '../vocabulary/index.ts'

export interface TemplateFacts {
  /** Data window and end of the study; whole seconds. */
  readonly from: UnixSeconds
  readonly until: UnixSeconds
  readonly expires: UnixSeconds
  /** Days of data that a person must have. */
  readonly minimumDays: number
  /** Hash of the information sheet. */
  readonly sheet: Hash32
  /** Hash of the code that trains, and of the model that round 1 begins with. */
  readonly codeHash: Hash32
  readonly initialModel: Hash32
}

/** A plan as commented YAML. */
export function planTemplate(facts: TemplateFacts): string {
  return `# The plan of a study. Committee and sites approve the hash of what stands here (comments do not count):
# one changed value is another plan, and every approval of the old one is void.
schema: islet.study.plan/1
title: Forecasting glucose thirty minutes ahead
question: How well does a model that several clinics train together foretell lows half an hour before they come?

purpose:
  # Codes of the Data Use Ontology: exactly one permission, and what narrows it.
  duo: ["DUO:0000007", "DUO:0000046"] # disease specific research; non-commercial use only
  disease: diabetes mellitus

data:
  # What a person's consent must hold: kinds of data, and the window in time.
  kinds: [glucose, insulin, meals]
  features: [glucose, insulin_on_board, carbs_on_board, time_of_day]
  from: ${formatInstant(facts.from)}
  until: ${formatInstant(facts.until)}

cohort:
  minimum_days: ${facts.minimumDays}
  minimum_wear_percent: 70

model:
  # A recurrent forecaster with 24 units; any multiple of 4 up to 256. Or ridge, here and as strategy, with nothing else there.
  name: gru-24
  # Hashes stand in quotes: without them YAML reads a number.
  code_hash: "${facts.codeHash}"
  initial_hash: "${facts.initialModel}"

rounds: 3
strategy:
  name: fedavg
  local_epochs: 3
  learning_rate: 0.01
  # With \`level_shift_mgdl: 120\` sites with few people do not learn their levels by heart.

privacy:
  # open: members see clipped single updates. masked: they see the sum of all sites only, of three or more.
  aggregation: open
  clip_norm: 5
  # What a model may tell of one person, at most: { unit: patient, epsilon: 8, delta: 0.00001 }; costs accuracy.
  differential_privacy: null

deadlines:
  step_seconds: 600 # the longest time of each of a round's four steps
quorum:
  minimum_sites: 2

# What may leave the study: model, metrics, model-card, contribution, feasibility, extract.
outputs: [model, metrics, model-card]
# With \`exchange: { every: day }\` each complete day of the window comes in by itself while the study is open.

# The hash of sheet.yaml, which a consent names.
information_sheet: "${facts.sheet}"
expires: ${formatInstant(facts.expires)}
`
}

/** An information sheet as commented YAML. */
export const SHEET_TEMPLATE = `# What a person reads before they consent. The plan names this sheet by its hash; a new version asks everyone anew
# and shows what changed. Keep the id of a section when its words change.
schema: islet.study.sheet/1
language: en
sections:
  - id: what-for
    title: What the study is for
    text:
      - Several clinics want to find out how well glucose can be forecast half an hour ahead.
  - id: what-of-you
    title: What is used of you
    text:
      - Your sensor glucose, insulin and meals of the time that you choose, at the clinic that holds them. They do not leave it.
      - The clinic trains a model on them and sends on what the model learned, never your readings.
  - id: your-say
    title: What you can do at any time
    text:
      - You can stop. From the block that holds your revoke on, no round uses you; you get a receipt that says so.
      - You can ask for models that learned from you to be trained again without you. Copies that others made of an old model stay.
      - You can see every round and every model that used your data.
`
