/**
 * The one error class of the house: a SCREAMING code, words for a person, facts for a program, and what to do.
 *
 * Law: neither message nor facts hold a secret, a health value or an identifier of a person (DESIGN law 8).
 */

/** Where in somebody's input the trouble lies. */
export interface Place {
  readonly file?: string
  /** 1-based line, or entry number for JSON arrays. */
  readonly line?: number
  readonly field?: string
}

export type Facts = Readonly<Record<string, string | number | boolean | null>>

export interface ErrorDetails {
  readonly at?: Place
  /** What the person can do about it, an imperative sentence. */
  readonly remedy?: string
  readonly cause?: unknown
}

/** A refused input or a broken promise. Expected outcomes are returned as unions instead. */
export class IsletError<Code extends string = string, F extends Facts = Facts> extends Error {
  override readonly name = 'IsletError'
  readonly code: Code
  readonly facts: F
  readonly at: Place | undefined
  readonly remedy: string | undefined

  constructor(code: Code, message: string, facts: F = {} as F, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.facts = facts
    this.at = details.at
    this.remedy = details.remedy
  }
}

/** Whether a thrown value is an error of ours, optionally with one of the given codes. */
export function isIsletError(error: unknown, ...codes: readonly string[]): error is IsletError {
  return error instanceof IsletError && (codes.length === 0 || codes.includes(error.code))
}
