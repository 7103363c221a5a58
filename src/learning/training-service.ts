/**
 * What a training worker does, whatever it speaks through: keeps windows by number, trains and forecasts on them, and
 * runs a whole site where it is asked to.
 *
 * Law: an answer is a function of the question and of what was sent before; nothing depends on which worker gives it.
 */
import { IsletError } from '../vocabulary/index.ts'
import type { Windows } from './data/windows.ts'
import type { NetworkShape, Trained, Training } from './nets/network.ts'
import { network } from './nets/recurrent.ts'
import type { MaskingSide } from './rounds/masked-participant.ts'
import { Participant } from './rounds/participant.ts'
import type { RoundPlan } from './rounds/plan.ts'
import { siteMetrics } from './rounds/site-metrics.ts'
import { type LocalTraining, trainingSite } from './rounds/training-site.ts'

/** A site in a process of its own: all that it is told before the first round. */
export interface SiteSettings {
  readonly id: string
  readonly shape: NetworkShape
  readonly plan: RoundPlan
  readonly training: LocalTraining
  /** The plan's first model. */
  readonly initial: Float32Array
  readonly windows: Windows
  /** What it judges new models on. */
  readonly validation?: Windows
  /** Secrets of masked modes: the site's own, never a simulation's. */
  readonly masking?: Omit<MaskingSide, 'suite'>
}

export type Question =
  | { readonly kind: 'windows'; readonly id: number; readonly windows: Windows }
  | { readonly kind: 'forget'; readonly id: number }
  | {
      readonly kind: 'train'
      readonly shape: NetworkShape
      readonly parameters: Float32Array
      readonly windows: number
      readonly training: Training
    }
  | { readonly kind: 'site'; readonly settings: SiteSettings }
  /** A message of the rounds to the site. */
  | { readonly kind: 'ask'; readonly bytes: Uint8Array }

export type Answer = Trained | Uint8Array | undefined

/** A service without windows and without a site. */
export function trainingService(suite: MaskingSide['suite']): (question: Question) => Promise<Answer> {
  const kept = new Map<number, Windows>()
  let participant: Participant | undefined
  return async (question) => {
    switch (question.kind) {
      case 'windows':
        kept.set(question.id, question.windows)
        return undefined
      case 'forget':
        kept.delete(question.id)
        return undefined
      case 'train': {
        const windows = kept.get(question.windows)
        if (windows === undefined)
          throw new IsletError('WINDOWS_UNKNOWN', 'the worker was not sent these windows')
        return network(question.shape).train(question.parameters, windows, question.training)
      }
      case 'site':
        participant = siteOf(question.settings, suite)
        return undefined
      case 'ask':
        if (participant === undefined)
          throw new IsletError('NO_SITE', 'the process was not told which site it is')
        return participant.answer(question.bytes)
      default:
        return question satisfies never
    }
  }
}

function siteOf(settings: SiteSettings, suite: MaskingSide['suite']): Participant {
  const { id, shape, plan, training, initial, windows, validation, masking } = settings
  const trainer = network(shape)
  const site = trainingSite({
    id,
    trainer,
    windows,
    training,
    ...(validation === undefined
      ? {}
      : { evaluate: (parameters) => siteMetrics(trainer, parameters, validation) }),
  })
  return new Participant(site, plan, initial, masking === undefined ? undefined : { ...masking, suite })
}
