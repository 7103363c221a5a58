/** Rounds by hand: a coordinator, its sites, and the questions that are open; whoever is silent, a test decides. */
import { fromBase64Url, toBase64Url } from '../../vocabulary/index.ts'
import { nodeMaskSuite } from '../node-mask-suite.ts'
import { beginRounds, type Stepped, stepRounds } from '../rounds/machine.ts'
import type { MaskingSide } from '../rounds/masked-participant.ts'
import { Participant } from '../rounds/participant.ts'
import { type RoundPlan, roundPlan } from '../rounds/plan.ts'
import { simulatedMasking } from '../rounds/simulated-masking.ts'
import type { Site } from '../rounds/site.ts'
import type { Effect, RoundEvent, RoundState } from '../rounds/state.ts'
import { quadraticSite } from './quadratic-site.ts'

export type Ask = Extract<Effect, { type: 'ask' }>
export const FIRST = Float32Array.of(0, 0, 0)
export const site = (id: string): Site => quadraticSite(id, [1, 2, 3], { rate: 0.5 })
export const ids = (n: number) => Array.from({ length: n }, (_, i) => `site ${i}`)

/** A machine, its sites, and the questions that are open. */
export class Bench {
  state: RoundState
  readonly sites: Map<string, Participant>
  asked: Ask[] = []
  readonly effects: Effect[] = []
  readonly #sides: ReturnType<typeof simulatedMasking> | undefined
  last: Stepped | undefined

  constructor(n: number, plan: Partial<RoundPlan> = {}, wrap: (site: Site) => Site = (given) => given) {
    const whole = roundPlan(n, { parameters: 3, rounds: 2, rule: { name: 'median' }, ...plan })
    const given = ids(n).map((id) => wrap(site(id)))
    const sides = whole.mode === 'open' ? undefined : simulatedMasking(given, whole.study, nodeMaskSuite)
    this.#sides = sides
    this.state = beginRounds(whole, FIRST)
    this.sites = new Map(given.map((one) => [one.id, new Participant(one, whole, FIRST, sides?.get(one.id))]))
    for (const { id, examples } of given) {
      const key = sides?.get(id)?.peers.get(id)
      this.take({
        type: 'join',
        site: id,
        examples,
        at: 0,
        ...(key === undefined ? {} : { key: toBase64Url(key) }),
      })
    }
    this.take({ type: 'start', at: 0 })
  }

  take(event: RoundEvent): string {
    this.last = stepRounds(this.state, event, nodeMaskSuite)
    this.state = this.last.state
    this.effects.push(...this.last.effects)
    for (const effect of this.last.effects) if (effect.type === 'ask') this.asked.push(effect)
    return this.last.outcome
  }

  participant(id: string): Participant {
    const found = this.sites.get(id)
    if (found === undefined) throw new RangeError(`there is no ${id}`)
    return found
  }

  /** What a site masks with. */
  side(id: string): MaskingSide {
    const found = this.#sides?.get(id)
    if (found === undefined) throw new RangeError(`${id} masks nothing`)
    return found
  }

  async answer(ask: Ask): Promise<Extract<RoundEvent, { type: 'reply' }>> {
    const bytes = await this.participant(ask.site).answer(fromBase64Url(ask.payload))
    const { site, round, attempt, stage } = ask
    return { type: 'reply', site, round, attempt, stage, payload: toBase64Url(bytes), at: this.state.now + 1 }
  }

  /** Everybody but the silent answers what is asked. */
  async turn(silent: readonly string[] = []): Promise<void> {
    for (const ask of this.asked.splice(0)) if (!silent.includes(ask.site)) this.take(await this.answer(ask))
  }

  /** The deadline passes. */
  wait(): string {
    return this.take({ type: 'tick', at: this.state.until ?? this.state.now })
  }
}
