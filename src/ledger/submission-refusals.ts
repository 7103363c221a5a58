/**
 * What a submission to the ledger is refused with.
 *
 * Law: a refusal says what to do where anything can be done, and names no content of a transaction (DESIGN law 8).
 */
import { IsletError } from '../vocabulary/index.ts'

/** `LEDGER_CLOSED` */
export function closed(): IsletError {
  return new IsletError('LEDGER_CLOSED', 'the ledger is closed')
}

/** `KEYS_PARTLY_KNOWN`: intents that were submitted before travel with others that were not. */
export function partlyKnown(): IsletError {
  return new IsletError(
    'KEYS_PARTLY_KNOWN',
    'some of the intents inside were submitted before, others not',
    {},
    { remedy: 'Look each key up and submit the unknown ones alone.' },
  )
}

/** `TRANSACTION_REFUSED` by the executor itself. */
export function refusedByEngine(): IsletError {
  return new IsletError('TRANSACTION_REFUSED', 'the executor refused the transaction', { why: 'ENGINE' })
}

/** `LEDGER_BUSY`: the line is full, and says when to come back. */
export function busy(): IsletError {
  return new IsletError(
    'LEDGER_BUSY',
    'too many submissions wait for the ledger',
    { retry_after_seconds: 1 },
    { remedy: 'Submit again after the time given.' },
  )
}

/** `TRANSACTION_REFUSED`: its number is not the one that its sender is at. */
export function outOfOrder(
  why: 'NONCE_TOO_LOW' | 'NONCE_TOO_HIGH' | 'NONCE_TAKEN',
  next: number,
): IsletError {
  return new IsletError('TRANSACTION_REFUSED', 'the transaction does not follow its sender’s others', {
    why,
    next,
  })
}

/** `TRANSACTION_REFUSED`: those before it never came. */
export function gapStays(): IsletError {
  return new IsletError('TRANSACTION_REFUSED', 'the transactions before it did not arrive', {
    why: 'NONCE_GAP',
  })
}

/** `LEDGER_HALTED`: what a submission hears while no block can be made. */
export function haltedBy(cause: IsletError): IsletError {
  return new IsletError(
    'LEDGER_HALTED',
    `the ledger takes nothing: ${cause.message}`,
    { because: cause.code },
    cause.remedy === undefined ? { cause } : { cause, remedy: cause.remedy },
  )
}
