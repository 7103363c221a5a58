/**
 * What a file leaves open, and how it is asked: one question at a time, until the file can be read whole.
 *
 * Law: nothing is guessed: the answers are those of the person, and the zone that the browser knows is only proposed.
 */
import { type DateOrder, type IntakeDocument, type ReadOptions, readDocument } from '../../../intake/index.ts'
import { isIsletError, quantity, type UnixSeconds } from '../../../vocabulary/index.ts'

export type Question = 'date-order' | 'unit' | 'zone'

export type Answers = Pick<ReadOptions, 'dateOrder' | 'unit' | 'zone'>

export type Attempt =
  | { readonly code: 'READ'; readonly document: IntakeDocument }
  | { readonly code: 'ASK'; readonly question: Question }

export const DATE_ORDERS: readonly DateOrder[] = ['dmy', 'mdy']

/** Reads a file with the answers so far. Throws the codes of intake that no answer mends. */
export function attempt(bytes: Uint8Array, name: string, answers: Answers, now: number): Attempt {
  try {
    const document = readDocument(bytes, { ...answers, name, now: quantity<UnixSeconds>(now) })
    const floats = document.people.some(({ clock }) => clock === 'floating')
    return floats && answers.zone === undefined
      ? { code: 'ASK', question: 'zone' }
      : { code: 'READ', document }
  } catch (error) {
    if (isIsletError(error, 'DATE_ORDER_AMBIGUOUS')) return { code: 'ASK', question: 'date-order' }
    if (isIsletError(error, 'UNIT_AMBIGUOUS')) return { code: 'ASK', question: 'unit' }
    throw error
  }
}
