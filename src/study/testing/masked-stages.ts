/** All stages of a masked sum among learners, without a ledger. */
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import { type Bytes, fromHex, hash32, type InstitutionId } from '../../vocabulary/index.ts'
import type { ForecastData } from '../forecast-data.ts'
import type { Aggregation, MaskedLearner, SitePart, TrainingTask } from '../learner.ts'

type Sum = Parameters<MaskedLearner['aggregate']>[1]
type Advert = Sum['adverts'] extends ReadonlyMap<InstitutionId, infer One> ? One : never

const STUDY = hash32(`0x${'51'.repeat(32)}`)

/** A secret of a site's own. */
export function secretOf(site: InstitutionId): Bytes {
  return Uint8Array.from(nodeHasher.sha256(fromHex(site)))
}

export interface StageOptions {
  /** Sites that share and then say nothing. */
  readonly silent?: readonly (InstitutionId | undefined)[]
  /** What a site shows instead of its masked update. */
  readonly shown?: (site: InstitutionId, masked: Bytes) => Bytes
}

/** The sum of what sites make of their tasks. Throws `ROUND_NOT_AGGREGATED`. */
export async function maskedStages(
  way: MaskedLearner<ForecastData>,
  tasks: readonly TrainingTask<ForecastData>[],
  { silent = [], shown = (_, masked) => masked }: StageOptions = {},
): Promise<Aggregation> {
  const sites = tasks.map(({ site }) => site)
  const ownOf = (site: InstitutionId) => ({ site, secret: secretOf(site) })
  const bare = { study: STUDY, round: 1, sites }
  const adverts = new Map<InstitutionId, Advert>()
  for (const { site, people } of tasks)
    adverts.set(site, { ...(await way.advertise(bare, ownOf(site))), examples: way.weight(people) })
  const sum: Sum = { ...bare, adverts }
  const shares = new Map<InstitutionId, Bytes>()
  for (const site of sites) shares.set(site, await way.share(sum, ownOf(site)))
  const parts: SitePart[] = []
  for (const task of tasks) {
    const { site } = task
    if (silent.includes(site)) continue
    const { refused: _, ...training } = await way.train(task, sum, shares, ownOf(site))
    parts.push({ site, ...training, answer: shown(site, training.answer) })
  }
  const updates = new Map(parts.map(({ site, answer }) => [site, answer]))
  const revealed = new Map<InstitutionId, Bytes>()
  for (const { site } of parts)
    revealed.set(site, (await way.reveal(sum, shares, updates, ownOf(site))).answer)
  return way.aggregate(tasks[0]?.base ?? new Uint8Array(), sum, { shares, parts, revealed })
}
