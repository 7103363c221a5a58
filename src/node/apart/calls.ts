/**
 * How a parent commands the institution processes that it started: calls over the channel between the two, nothing else.
 *
 * Law: only plain data crosses (structured clones); an error crosses as code, words and facts, never as a stack.
 */
import type { Serializable } from 'node:child_process'
import { type Facts, IsletError, isIsletError } from '../../vocabulary/index.ts'

export interface Question {
  readonly call: number
  readonly verb: string
  readonly values: readonly unknown[]
}

export type Answer =
  | { readonly call: number; readonly ok: true; readonly value: unknown }
  | {
      readonly call: number
      readonly ok: false
      readonly code: string
      readonly message: string
      readonly facts: Facts
      readonly remedy?: string
    }

/** Functions by name that may be called from the other side. */
export type Verbs = Readonly<Record<string, (...values: never[]) => Promise<unknown>>>

/** The same functions, as the other side calls them. */
export type Remote<V extends Verbs> = <Name extends keyof V & string>(
  verb: Name,
  ...values: Parameters<V[Name]>
) => Promise<Awaited<ReturnType<V[Name]>>>

/** Answers one question with one of the verbs; never throws. */
export async function answered<V extends Verbs>(
  verbs: V,
  { call, verb, values }: Question,
  report: (error: unknown) => void,
): Promise<Answer> {
  try {
    const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    if (known === undefined) throw new IsletError('VERB_UNKNOWN', 'there is no such command', { verb })
    // Both ends are the same program: what the parent sends has the verb's own types.
    return { call, ok: true, value: await known(...(values as never[])) }
  } catch (error) {
    if (!isIsletError(error)) {
      report(error)
      return {
        call,
        ok: false,
        code: 'UNEXPECTED',
        message: 'something unexpected happened there',
        facts: {},
      }
    }
    const { code, message, facts, remedy } = error
    return { call, ok: false, code, message, facts, ...(remedy === undefined ? {} : { remedy }) }
  }
}

/** The asking side: numbers questions and hands each answer to who waits for it. */
export class Asking {
  readonly #post: (question: Serializable) => void
  readonly #waiting = new Map<number, { yes(value: unknown): void; no(error: unknown): void }>()
  #next = 1
  #gone: IsletError | undefined

  constructor(post: (question: Serializable) => void) {
    this.#post = post
  }

  ask(verb: string, values: readonly unknown[]): Promise<unknown> {
    return new Promise((yes, no) => {
      if (this.#gone !== undefined) return no(this.#gone)
      const question: Question = { call: this.#next++, verb, values }
      this.#waiting.set(question.call, { yes, no })
      try {
        this.#post({ ...question, values: [...values] })
      } catch (cause) {
        this.#waiting.delete(question.call)
        no(gone(cause))
      }
    })
  }

  take(message: unknown): void {
    if (!isAnswer(message)) return
    const waiter = this.#waiting.get(message.call)
    this.#waiting.delete(message.call)
    if (message.ok) {
      waiter?.yes(message.value)
      return
    }
    const { code, message: words, facts, remedy } = message
    waiter?.no(new IsletError(code, words, facts, remedy === undefined ? {} : { remedy }))
  }

  /** The other side is gone: whoever waits hears it, and whoever asks later. */
  end(): void {
    this.#gone ??= gone(undefined)
    for (const { no } of this.#waiting.values()) no(this.#gone)
    this.#waiting.clear()
  }
}

export function isQuestion(message: unknown): message is Question {
  return typeof message === 'object' && message !== null && 'call' in message && 'verb' in message
}

function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'call' in message && 'ok' in message
}

function gone(cause: unknown): IsletError {
  return new IsletError('INSTITUTION_GONE', 'the process of the institution is not running', {}, { cause })
}
