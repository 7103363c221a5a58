/**
 * A site's side of the rounds: holds the model, trains when asked, compresses with what the last message left over, and
 * answers a repeated question with the same bytes.
 *
 * Law: what leaves is the clipped update alone, or its masked form; the same question of the same model version has one
 * answer, so that a retry teaches nobody anything new.
 */
import { canonicalJson, IsletError, utf8 } from '../../vocabulary/index.ts'
import { compress, decompress, readFloat32 } from '../compression/codec.ts'
import { toRing } from '../masking/ranges.ts'
import { correction, nextVariate } from '../strategies/variate.ts'
import { addStep } from './apply-step.ts'
import { MaskedParticipant, type MaskingSide } from './masked-participant.ts'
import { type Ask, decodeAsk, decodeModel, encodeParts } from './messages.ts'
import type { RoundPlan } from './plan.ts'
import type { Site } from './site.ts'
import { requireFinite, trainedWithin } from './trained-within.ts'

/** What a site remembers of the rounds between questions. */
interface Memory {
  model: Float32Array
  version: number
  residual: Float32Array
  variate: Float32Array
}

interface Trained {
  readonly version: number
  readonly loss: number
  readonly update: Float32Array
  /** What earlier messages had left over before this one. */
  readonly residual: Float32Array
  readonly variate: Float32Array
  readonly change?: Float32Array
}

export class Participant {
  readonly site: Site
  readonly #plan: RoundPlan
  readonly #memory: Memory
  readonly #masked: MaskedParticipant | undefined
  /** The last training: a second question of the same version trains no second time. */
  #trained: Trained | undefined

  /**
   * @param first the plan's first model
   * @param masking what masked modes need
   */
  constructor(site: Site, plan: RoundPlan, first: Float32Array, masking?: MaskingSide) {
    this.site = site
    this.#plan = plan
    this.#masked =
      masking === undefined ? undefined : new MaskedParticipant(masking, site.id, plan.study, plan.maskDepth)
    this.#memory = {
      model: first.slice(),
      version: 0,
      residual: new Float32Array(plan.parameters),
      variate: new Float32Array(plan.parameters),
    }
  }

  /** Answers one question. Throws `WRONG_SHAPE`, `MODEL_MISSING`, and what the site's own training throws. */
  async answer(question: Uint8Array): Promise<Uint8Array> {
    const ask = decodeAsk(question)
    const masked = this.#masked
    switch (ask.stage) {
      case 'train':
        this.#hold(ask)
        if (this.#plan.mode === 'open') return this.#openAnswer(await this.#train(ask))
        return this.#maskedAnswer(ask, await this.#train(ask))
      case 'evaluate': {
        this.#hold(ask)
        return utf8(canonicalJson((await this.site.evaluate?.(this.#memory.model)) ?? {}))
      }
      case 'advertise':
      case 'share':
      case 'reveal':
        if (masked === undefined) throw unmasked()
        return masked[ask.stage](ask)
      default:
        return ask.stage satisfies never
    }
  }

  /** Brings the model to the version that the question is about. */
  #hold({ version, parts }: Ask): void {
    const { form, body } = decodeModel(parts[0])
    const { parameters, down } = this.#plan
    const memory = this.#memory
    if (form === 'whole') memory.model = readFloat32(body, parameters)
    else if (form === 'step' && memory.version === version - 1) {
      memory.model = addStep(memory.model, decompress(down, body, parameters))
    } else if (memory.version !== version) {
      throw new IsletError(
        'MODEL_MISSING',
        'the site holds another version of the model than the question is about',
        { asked: version, held: memory.version },
        { remedy: 'Join again: the whole model is sent then.' },
      )
    }
    memory.version = version
  }

  /** Trains once for each version of the model. */
  async #train({ round, version, parts }: Ask): Promise<Trained> {
    if (this.#trained?.version === version) return this.#trained
    const { strategy, down, parameters } = this.#plan
    const memory = this.#memory
    const server =
      strategy.name === 'scaffold' ? decompress(down, parts[1] ?? new Uint8Array(), parameters) : undefined
    const reply = await trainedWithin(this.site, this.#plan, {
      round,
      parameters: memory.model,
      ...(server === undefined ? {} : { correction: correction(server, memory.variate) }),
    })
    const { unclipped } = reply
    const variate =
      server === undefined
        ? undefined
        : nextVariate(memory.variate, server, unclipped, reply.steps, reply.rate ?? 1)
    this.#trained = {
      version,
      loss: reply.loss,
      update: reply.update,
      residual: memory.residual,
      ...(variate === undefined
        ? {}
        : { change: variate.map((value, i) => value - (memory.variate[i] ?? 0)) }),
      variate: memory.variate,
    }
    return this.#trained
  }

  #openAnswer({ loss, update, residual, variate, change }: Trained): Uint8Array {
    const { up } = this.#plan
    const sent = compress(up, update, residual)
    this.#memory.residual = sent.residual
    if (change === undefined) return encodeParts([float32(loss), sent.bytes])
    const moved = compress(up, change)
    // Both sides carry what was sent, not what was meant: c stays the mean of the cᵢ.
    this.#memory.variate = addStep(variate, moved.decoded)
    return encodeParts([float32(loss), sent.bytes, moved.bytes])
  }

  #maskedAnswer(ask: Ask, { update, residual }: Trained): Uint8Array {
    const masked = this.#masked
    if (masked === undefined) throw unmasked()
    requireFinite(update)
    const { weight, ranges, bits } = masked.coding(ask)
    const ring = toRing(update, residual, weight, ranges, bits, this.#plan.maskDepth)
    this.#memory.residual = ring.residual
    return masked.mask(ask, ring.elements)
  }
}

function unmasked(): IsletError {
  return new IsletError('WRONG_SHAPE', 'this site is asked what its mode does not have')
}

function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value)
  return bytes
}
