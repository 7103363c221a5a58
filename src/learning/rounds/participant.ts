/**
 * A site's side of the rounds: holds the model, trains when asked, compresses with what the last message left over, and
 * answers a repeated question with the same bytes.
 *
 * Law: what leaves is the clipped update alone, or its masked form; the same question of the same model version has one
 * answer, so that a retry teaches nobody anything new.
 */
import { canonicalJson, IsletError, utf8 } from '../../vocabulary/index.ts'
import { compress, decompress, readFloat32 } from '../compression/codec.ts'
import { clipTo } from '../robust/norm-rules.ts'
import { correction, nextVariate } from '../strategies/variate.ts'
import { addStep } from './apply-step.ts'
import { type Ask, decodeAsk, decodeModel, encodeParts } from './messages.ts'
import type { RoundPlan } from './plan.ts'
import type { Site } from './site.ts'

/** What a site remembers of the rounds between questions. */
interface Memory {
  model: Float32Array
  version: number
  residual: Float32Array
  variate: Float32Array
}

export class Participant {
  readonly site: Site
  readonly #plan: RoundPlan
  readonly #memory: Memory
  /** The last training: a second question of the same version finds its answer here. */
  #trained: { readonly version: number; readonly answer: Uint8Array } | undefined

  /** @param first the plan's first model */
  constructor(site: Site, plan: RoundPlan, first: Float32Array) {
    this.site = site
    this.#plan = plan
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
    switch (ask.stage) {
      case 'train':
        this.#hold(ask)
        return this.#train(ask)
      case 'evaluate': {
        this.#hold(ask)
        return utf8(canonicalJson((await this.site.evaluate?.(this.#memory.model)) ?? {}))
      }
      default:
        throw new IsletError('WRONG_SHAPE', 'this site is asked what its mode does not have', {
          stage: ask.stage,
        })
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

  async #train({ round, version, parts }: Ask): Promise<Uint8Array> {
    if (this.#trained?.version === version) return this.#trained.answer
    const { strategy, up, down, parameters, clip } = this.#plan
    const memory = this.#memory
    const server =
      strategy.name === 'scaffold' ? decompress(down, parts[1] ?? new Uint8Array(), parameters) : undefined
    const reply = await this.site.train({
      round,
      parameters: memory.model,
      ...(strategy.name === 'fedprox' ? { proximal: strategy.mu } : {}),
      ...(server === undefined ? {} : { correction: correction(server, memory.variate) }),
    })
    if (reply.update.length !== parameters) {
      throw new IsletError('WRONG_SHAPE', 'training gave a vector of another length', {
        length: reply.update.length,
      })
    }
    const clipped = clip === undefined ? reply.update : clipTo(reply.update, clip)
    const sent = compress(up, clipped, memory.residual)
    memory.residual = sent.residual
    const answer = [float32(reply.loss), sent.bytes]
    if (server !== undefined) {
      const next = nextVariate(memory.variate, server, reply.update, reply.steps, reply.rate ?? 1)
      const change = compress(
        up,
        next.map((value, i) => value - (memory.variate[i] ?? 0)),
      )
      // Both sides carry what was sent, not what was meant: c stays the mean of the cᵢ.
      memory.variate = addStep(memory.variate, change.decoded)
      answer.push(change.bytes)
    }
    const bytes = encodeParts(answer)
    this.#trained = { version, answer: bytes }
    return bytes
  }
}

function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value)
  return bytes
}
