/**
 * The sites of a study that this node hosts, each with its own key, journal, secret and reader.
 *
 * Laws: sites share the ledger, the objects that the ledger names and the words that they sign, and nothing else: those
 * of this node by one shelf, those elsewhere by messages; a site's secret lies encrypted in its institution's directory
 * and never leaves it.
 */
import { join } from 'node:path'
import { recordShelf } from '../../consent/shelf-records.door.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeMaskSuite } from '../../learning/worker.door.ts'
import { consentHistory, type HistoryAt } from '../../study/consent-history.door.ts'
import {
  carriedObjects,
  carriedWords,
  type ForecastData,
  type HeardWords,
  heardWords,
  LEARNER_CODE,
  type Learner,
  networkOf,
  peerTurns,
  type SitePorts,
  type SiteStudy,
  type StudySite,
  signedWords,
  studyLearner,
  studySubject,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Hash32,
  type InstitutionId,
  IsletError,
  quantity,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import { institutionAsk, wallClock } from '../institution/wire.ts'
import { actTogether, SeatedSite } from './act-together.ts'
import { addingOnce } from './adding-once.ts'
import { ANSWER_LIMIT_MS, askPeers } from './ask-peers.ts'
import { askWork, type SiteWork } from './ask-work.ts'
import { preparingOnce, rememberedJournal } from './at-hand.ts'
import { siteSecret } from './site-secret.ts'
import type { StudyDesk } from './study-desk.ts'
import { studyPeople } from './study-people.ts'
import type { StudyFile } from './study-shelf.ts'
import type { StudyTown } from './study-town.ts'
import { studyTrainer } from './study-trainer.ts'

export interface HostedSite {
  readonly key: string
  readonly site: StudySite<ForecastData>
  /** What the site works with: an audit works with the same. */
  readonly ports: SitePorts<ForecastData>
}

export interface StudySites {
  readonly study: SiteStudy
  /** Approved sites of this node, in the order of their numbers. */
  readonly sites: readonly HostedSite[]
  /** Models, updates and reports by the hashes that the ledger has of them. */
  readonly objects: SitePorts['objects']
  /** What sites said to each other in masked rounds; says nothing by itself. */
  readonly words: HeardWords
  /** How sites that live elsewhere are asked for work with their own data. */
  readonly elsewhere: SiteWork
}

/** For those who measure, and for tests. */
export interface SitesOptions {
  /** In place of the plan's own. */
  readonly learner?: Learner<ForecastData>
  readonly notice?: NonNullable<SitePorts['notice']>
  /** Told which site elsewhere gave no answer, or one that was refused, and why. */
  readonly told?: (site: InstitutionId, code: string) => void
}

type Parts = Pick<StudyTown, 'deployment' | 'hosted' | 'ledger' | 'road' | 'unlock'>

/** Opens the sites to the state they had. Throws `STUDY_PAPER_MISSING`, `MODEL_UNKNOWN`, `STRATEGY_UNKNOWN`. */
export async function openStudySites(
  parts: Parts,
  desk: StudyDesk,
  file: StudyFile,
  { learner, notice, told }: SitesOptions = {},
): Promise<StudySites> {
  const { ledger, deployment, hosted, road, unlock } = parts
  const terms = await desk.chain.plan(file.study)
  const plan = await desk.shelf.plan(terms.document)
  if (plan === undefined)
    throw new IsletError(
      'STUDY_PAPER_MISSING',
      'the plan that stands on the ledger is not in this data directory',
    )
  const { objects: kept, words: board, earlier: flat } = await desk.shelvesOf(file.study)
  const objects: typeof kept = {
    put: kept.put,
    get: async (name) => (await kept.get(name)) ?? flat.get(name),
  }
  const history: HistoryAt = consentHistory(ledger, deployment)
  const earlier = await Promise.all(
    file.plans.slice(0, -1).map(async (document) => (await desk.shelf.plan(document))?.information_sheet),
  )
  const subjectOf = (sheet: typeof plan.information_sheet) => studySubject(file.study, sheet, plan.title)
  const study: SiteStudy = {
    id: file.study,
    plan,
    subject: subjectOf(plan.information_sheet),
    earlier: earlier.flatMap((sheet) =>
      sheet === undefined || sheet === plan.information_sheet ? [] : [subjectOf(sheet)],
    ),
  }
  const approved = await desk.chain.approvedSites(file.study)
  // A ridge is summed where it stands.
  const trainer = plan.strategy.name === 'ridge' ? {} : { trainer: studyTrainer(networkOf(plan)) }
  const own = learner ?? studyLearner(plan, { hasher: nodeCrypto.hasher, ...trainer, suite: nodeMaskSuite })
  const shared = addingOnce(preparingOnce(own))
  const keyOf = messageKeys(desk, hosted)
  const listening = { shelf: board, ed: nodeEd25519, keyOf }
  const words = heardWords(listening)
  const elsewhere = sitesElsewhere(desk, hosted, file.study)
  const clock = () => quantity<UnixSeconds>(Math.floor(wallClock()))
  // Who holds the line costs a step no more than the part in which words are compared.
  const limitMs = Math.min(ANSWER_LIMIT_MS, (1_000 * plan.deadlines.step_seconds) / 6)
  const takeSeat = actTogether()
  const houses = approved.flatMap((id) => [...hosted.values()].filter((house) => house.id === id))
  const sites = await Promise.all(
    houses.map(async (house): Promise<HostedSite> => {
      const seat = takeSeat()
      const home = join(house.directory, 'studies', file.study.slice(2))
      const turns = peerTurns({
        own: house.id,
        peers: askPeers(file.study, institutionAsk(house.id, house.keys.message, road), { limitMs }),
        sites: elsewhere,
        clock,
        ...(told === undefined ? {} : { told }),
      })
      const ports: SitePorts<ForecastData> = {
        own: house.id,
        chain: desk.chain,
        acts: seat.acts(desk.chain.as(desk.signerOf(house.key))),
        objects: carriedObjects({ own: objects, turns, hasher: nodeCrypto.hasher }),
        journal: rememberedJournal(await recordShelf(join(home, 'journal'))),
        people: studyPeople(house, plan, [study.subject, ...study.earlier]),
        words: carriedWords({
          ...listening,
          own: house.id,
          words: signedWords({ ...listening, signer: house.keys.message }, words),
          turns,
          hasher: nodeCrypto.hasher,
        }),
        learner: shared,
        code: LEARNER_CODE,
        history,
        hasher: nodeCrypto.hasher,
        secret: await siteSecret(join(home, 'secret.json'), unlock),
        clock,
        ...(notice === undefined ? {} : { notice }),
      }
      return { key: house.key, site: new SeatedSite(seat, ports, study), ports }
    }),
  )
  const [first] = sites
  const asking = hosted.get(file.applicant) ?? [...hosted.values()][0]
  if (asking === undefined)
    throw new IsletError('STUDY_UNKNOWN', 'no institution lives in this data directory')
  return {
    study,
    sites,
    objects: first?.ports.objects ?? objects,
    words: first?.ports.words ?? words,
    elsewhere: askWork(institutionAsk(asking.id, asking.keys.message, road)),
  }
}

/** Sites of a study that do not live in this data directory; asked once a head. */
function sitesElsewhere(
  { chain }: Pick<StudyDesk, 'chain'>,
  hosted: Parts['hosted'],
  study: Hash32,
): () => Promise<readonly InstitutionId[]> {
  const here = new Set([...hosted.values()].map(({ id }) => id))
  let known: { readonly height: number; readonly sites: Promise<readonly InstitutionId[]> } | undefined
  return async () => {
    const { height } = await chain.head()
    if (known?.height !== height) known = { height, sites: chain.approvedSites(study) }
    return (await known.sites).filter((site) => !here.has(site))
  }
}

/** The message keys that the ledger has of institutions; asked once a head. */
function messageKeys(
  { chain }: Pick<StudyDesk, 'chain'>,
  hosted: Parts['hosted'],
): (site: InstitutionId) => Promise<Hash32 | undefined> {
  const known = new Map<InstitutionId, Promise<Hash32 | undefined>>()
  let height = -1
  return async (site) => {
    const head = await chain.head()
    if (head.height !== height) known.clear()
    height = head.height
    const [house] = hosted.values()
    const key = known.get(site) ?? house?.chain.member(site).then((member) => member?.messageKey)
    if (key !== undefined) known.set(site, key)
    return key
  }
}
