/**
 * The network rows of the table: alone, federated in every way, pooled, and fine-tuned per person.
 *
 * Law: a row that builds on another (fine-tuning on FedAvg) builds on that very model, and carries its CPU seconds too.
 */

import { IsletError } from '../../vocabulary/index.ts'
import { joinWindows } from '../data/join-windows.ts'
import type { Windows } from '../data/windows.ts'
import { tolerantKrum } from '../robust/rule.ts'
import type { RoundPlan } from '../rounds/plan.ts'
import { trainAlone } from './alone.ts'
import { besideRidge } from './blend.ts'
import { boostingFitted } from './boosting-forecaster.ts'
import { byModel } from './by-model.ts'
import { federate, networkSites, siteName } from './federated.ts'
import { fineTune } from './fine-tune.ts'
import { type Fitted, type Forecaster, onValidation } from './forecasters.ts'
import type { ModelName } from './models.ts'
import { privacyNote, privateSites } from './private-federated.ts'
import type { Fold } from './protocols.ts'
import { aloneTraining, type Workshop, workshopFor } from './workshop.ts'

/** A model that one row made and another may build on. */
interface Made extends Omit<Fitted, 'path' | 'validation' | 'sharedSeconds'> {
  readonly parameters: Float32Array
  readonly seconds: number
}

type NetworkModel = Exclude<ModelName, 'persistence' | 'ridge'>

/** The forecaster of a network row, in the form recommended for a fold's windows; rows of a fold share what they can. */
export function networkForecasters(workshop: Workshop): (model: NetworkModel) => Forecaster {
  const ofFolds = new WeakMap<Fold, (model: NetworkModel) => Forecaster>()
  return (model) => (fold) => {
    const windows = fold.sites.reduce((sum, { train }) => sum + train.count, 0)
    const ofFold = ofFolds.get(fold) ?? formedForecasters(workshopFor(workshop, windows, fold.sites.length))
    ofFolds.set(fold, ofFold)
    return ofFold(model)(fold)
  }
}

function formedForecasters(workshop: Workshop): (model: NetworkModel) => Forecaster {
  const made = new WeakMap<Fold, Map<string, Promise<Made>>>()

  const once = (fold: Fold, name: string, make: () => Promise<Omit<Made, 'seconds'>>): Promise<Made> => {
    const ofFold = made.get(fold) ?? new Map<string, Promise<Made>>()
    made.set(fold, ofFold)
    const before = workshop.cpuSeconds()
    const found =
      ofFold.get(name) ?? make().then((model) => ({ ...model, seconds: workshop.cpuSeconds() - before }))
    ofFold.set(name, found)
    return found
  }

  const pooled = (fold: Fold): Promise<Made> =>
    once(fold, 'pooled', async () => ({
      parameters: await trainAlone(
        workshop,
        joinWindows(fold.sites.map(({ train }) => train)),
        joinWindows(fold.sites.map(({ validation }) => validation)),
      ),
      upBytes: null,
      downBytes: null,
      rounds: 0,
    }))

  const federated = (fold: Fold, name: FederatedModelName): Promise<Made> =>
    once(fold, name, async () => {
      if (name !== 'fedavg-dp') {
        return await federate(workshop, networkSites(fold, workshop), planOf(name, fold))
      }
      const made = await federate(workshop, privateSites(fold, workshop), planOf(name, fold))
      return { ...made, note: privacyNote(workshop.rounds) }
    })

  const general = (make: (fold: Fold) => Promise<Made>): Forecaster => {
    return async (fold) => {
      const { parameters, seconds: _, ...rest } = await make(fold)
      const forecast = (windows: Fold['test']): Float32Array =>
        workshop.network.predict(parameters, windows).path
      return { ...rest, path: forecast(fold.test), validation: onValidation(fold, forecast) }
    }
  }

  const finetuned = (make: (fold: Fold) => Promise<Made>): Forecaster => {
    return async (fold) => {
      const before = workshop.cpuSeconds()
      const { parameters, seconds, ...rest } = await make(fold)
      const built = workshop.cpuSeconds() - before
      const { depth, ...own } = await fineTune(workshop, fold, parameters)
      const note = `each person’s own ${depth} learned on`
      return { ...rest, ...own, note, sharedSeconds: Math.max(0, seconds - built) }
    }
  }

  const fedavg = (fold: Fold): Promise<Made> => federated(fold, 'fedavg')

  const hybridOf = async (fold: Fold): Promise<Fitted> => {
    const before = workshop.cpuSeconds()
    const { parameters, seconds, rounds, upBytes, downBytes } = await fedavg(fold)
    const sharedSeconds = Math.max(0, seconds - (workshop.cpuSeconds() - before))
    const forecast = (windows: Windows): Float32Array => workshop.network.predict(parameters, windows).path
    const fitted = await boostingFitted(fold, { forecast, rounds, upBytes, downBytes }, workshop.onRound)
    return { ...fitted, sharedSeconds }
  }

  const plain = (model: NetworkModel): Forecaster => {
    switch (model) {
      case 'local':
        return localOnly(workshop)
      case 'local-as-rounds':
        return localOnly(asRounds(workshop))
      case 'boosting':
        return (fold) => boostingFitted(fold, undefined, workshop.onRound)
      case 'hybrid':
        return hybridOf
      case 'pooled':
        return general(pooled)
      case 'pooled-finetuned':
        return finetuned(pooled)
      case 'fedavg-finetuned':
        return finetuned(fedavg)
      default:
        return general((fold) => federated(fold, model))
    }
  }
  // Nothing is chosen under protocol F, trees stand as they are, and a ridge beside a private network is not private.
  return (model) => {
    if (model === 'local-as-rounds' && workshop.protocol !== 'F') return coldStartOnly
    if (workshop.protocol === 'subject' && NEEDS_OWN.some((name) => name === model)) return unfit(model)
    return workshop.protocol === 'F' || ALONE.some((name) => name === model)
      ? plain(model)
      : besideRidge(plain(model), model === 'local' ? 'own' : 'federated')
  }
}

/** Rows without a ridge beside them. */
const ALONE = ['boosting', 'hybrid', 'fedavg-dp'] as const

/** Models that forecast only people they learned from. */
const NEEDS_OWN = ['local', 'fedavg-finetuned', 'pooled-finetuned'] as const

function unfit(model: NetworkModel): Forecaster {
  return () =>
    Promise.reject(
      new IsletError(
        'MODEL_UNFIT',
        `${model} learns from the very people it forecasts, and this protocol holds them out`,
        { model },
        { remedy: 'leave it out of --models, or use protocol W' },
      ),
    )
}

const coldStartOnly: Forecaster = () =>
  Promise.reject(
    new IsletError(
      'MODEL_UNFIT',
      'local-as-rounds stands beside the local row of protocol F; under other protocols local has every care already',
      { model: 'local-as-rounds' },
      { remedy: 'use local, or protocol F' },
    ),
  )

/** A site alone with the care of the rounds: a falling rate and moved levels, so that what is left is the company. */
function asRounds(workshop: Workshop): Workshop {
  const { batch, learningRate, clip } = aloneTraining(workshop)
  const { levelShift = 0 } = workshop.round ?? {}
  return { ...workshop, learning: { batch, learningRate, clip, schedule: 'cosine', levelShift } }
}

/** Every site trains on its own windows alone and forecasts its own people. */
function localOnly(workshop: Workshop): Forecaster {
  return async (fold) => {
    const models = await Promise.all(
      fold.sites.map(({ train, validation }) => trainAlone(workshop, train, validation)),
    )
    const modelOf = (site: number): Float32Array => models[site] ?? workshop.network.initial(workshop.seed)
    return {
      path: byModel(
        fold.test,
        fold.testSite,
        (site, windows) => workshop.network.predict(modelOf(site), windows).path,
      ),
      validation: onValidation(
        fold,
        (windows, site) => workshop.network.predict(modelOf(site), windows).path,
      ),
      upBytes: 0,
      downBytes: 0,
      rounds: 0,
    }
  }
}

type FederatedModelName = Exclude<
  NetworkModel,
  'local' | 'local-as-rounds' | 'pooled' | 'pooled-finetuned' | 'fedavg-finetuned' | 'boosting' | 'hybrid'
>

/** Sites of ten that a robust rule withstands. */
const FAULTY_SHARE = 0.2

function planOf(model: FederatedModelName, fold: Fold): Partial<RoundPlan> {
  const mean = { rule: { name: 'mean' } } as const
  const faulty = Math.floor(FAULTY_SHARE * fold.sites.length)
  switch (model) {
    case 'fedavg':
      return mean
    case 'fedavg-float32':
      // Nothing compressed: what eight bits a value cost is the row above against this one.
      return { ...mean, up: { name: 'float32' }, down: { name: 'float32' } }
    case 'fedprox':
      return { ...mean, strategy: { name: 'fedprox', mu: 0.01 } }
    case 'fedadam':
      return { ...mean, strategy: { name: 'fedadam', rate: 0.01 } }
    case 'scaffold':
      return { ...mean, strategy: { name: 'scaffold' } }
    case 'median':
      return { rule: { name: 'median' } }
    case 'trimmed-mean':
      return { rule: { name: 'trimmed-mean', faulty } }
    case 'multi-krum':
      return { rule: tolerantKrum(faulty) }
    case 'fltrust':
      return { rule: { name: 'fltrust', root: siteName(fold.sites.length >> 1) } }
    case 'fedavg-masked':
      return { mode: 'masked', ...mean }
    case 'fedavg-dp':
      // Momentum would take the noise of every round again.
      return { ...mean, strategy: { name: 'fedavg' } }
    default:
      return model satisfies never
  }
}
