/**
 * How many people of a site a study could count on, before anybody applied: rounded, noised, suppressed, and paid for.
 *
 * Laws: an answer is a function of a noised count alone, so suppressing and rounding it tell no more (Dwork and Roth,
 * "The Algorithmic Foundations of Differential Privacy", 2014, Prop. 2.1); the noise is two-sided geometric with
 * parameter e^−ε, so a count is ε-private per person (Ghosh, Roughgarden, Sundararajan, STOC 2009); a question asked
 * again in its period has the very same answer, whatever happened to the people since; each new question is paid out of
 * the asker's budget, and without budget none is answered. Below ten nothing is said.
 * Limit: the budget starts anew with each period, and two askers who pool their answers have two budgets.
 */
import type { Hasher } from '../vault/index.ts'
import { type Bytes, canonicalJson, IsletError, type Json, toHex, utf8 } from '../vocabulary/index.ts'

/** What stands in an asker's book at one site for one period. */
export interface FeasibilityBook {
  /** ε spent so far. */
  readonly spent: number
  /** Answers given, by question. */
  readonly answers: ReadonlyMap<string, FeasibilityAnswer>
}

export type FeasibilityAnswer =
  /** About so many people: a multiple of ten. */
  { readonly code: 'ABOUT'; readonly people: number } | { readonly code: 'FEWER_THAN_TEN' }

export type FeasibilityOutcome = FeasibilityAnswer | { readonly code: 'BUDGET_SPENT' }

export interface FeasibilityTerms {
  /** The site's own secret, 32 bytes or more: who knows it can take the noise away. */
  readonly secret: Uint8Array
  /** Who asks; each has a budget of their own. */
  readonly asker: string
  /** The period in which an answer stays the same, as `2026-Q4`. */
  readonly period: string
  /** ε of one question; 0.1 moves a count by about ten people. */
  readonly epsilon: number
  /** ε of all questions of an asker in a period. */
  readonly budget: number
}

export const EMPTY_BOOK: FeasibilityBook = { spent: 0, answers: new Map() }

const NOISE = utf8('islet/v1/feasibility-noise\0')
const STEP = 10
/** Noise beyond it has probability below e^(−1000 ε). */
const MOST_NOISE = 1_000

/**
 * Answers a question about a site's people; `count` counts them exactly and is called for new questions only.
 * Returns the book as it stands afterwards. Throws `FEASIBILITY_TERMS_REFUSED`, `SECRET_SHORT`.
 */
export function answerFeasibility(
  book: FeasibilityBook,
  question: Json,
  count: () => number,
  terms: FeasibilityTerms,
  hasher: Hasher,
): { readonly book: FeasibilityBook; readonly outcome: FeasibilityOutcome } {
  requireTerms(terms)
  const key = canonicalJson(question)
  const known = book.answers.get(key)
  if (known !== undefined) return { book, outcome: known }
  const spent = book.spent + terms.epsilon
  // A sum of tenths is a little above or below: half a question is no question.
  if (spent > terms.budget + terms.epsilon / 2) return { book, outcome: { code: 'BUDGET_SPENT' } }
  const outcome = answerOf(count() + noise(key, terms, hasher))
  return { book: { spent, answers: new Map([...book.answers, [key, outcome]]) }, outcome }
}

/** The answer to a noised count. */
function answerOf(noised: number): FeasibilityAnswer {
  const people = Math.round(noised / STEP) * STEP
  return noised < STEP ? { code: 'FEWER_THAN_TEN' } : { code: 'ABOUT', people }
}

/** Two-sided geometric noise, the same for the same site, asker, period and question. */
function noise(key: string, terms: FeasibilityTerms, hasher: Hasher): number {
  const words = utf8(canonicalJson({ asker: terms.asker, period: terms.period, question: key }))
  const message = new Uint8Array(NOISE.length + words.length)
  message.set(NOISE)
  message.set(words, NOISE.length)
  const bytes = hasher.hmacSha256(terms.secret, message)
  const alpha = Math.exp(-terms.epsilon)
  return oneSided(uniform(bytes, 0), alpha) - oneSided(uniform(bytes, 8), alpha)
}

/** k with probability (1 − α) α^k; the difference of two such is two-sided geometric. */
function oneSided(chance: number, alpha: number): number {
  let [k, left] = [0, alpha]
  while (chance < left && k < MOST_NOISE) {
    left *= alpha
    k += 1
  }
  return k
}

/** 52 bits as a number from 0 up to 1. */
function uniform(bytes: Bytes, from: number): number {
  return Number.parseInt(toHex(bytes.subarray(from, from + 8)).slice(2, 15), 16) / 2 ** 52
}

function requireTerms({ secret, epsilon, budget }: FeasibilityTerms): void {
  if (secret.length < 32) throw new IsletError('SECRET_SHORT', 'a secret has at least 32 bytes')
  if (!(epsilon > 0 && epsilon <= 1 && budget >= 0 && Number.isFinite(budget))) {
    throw new IsletError(
      'FEASIBILITY_TERMS_REFUSED',
      'ε of a question lies above 0 and up to 1, and the budget is a number from 0',
      { epsilon, budget },
    )
  }
}
