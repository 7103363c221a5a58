/** A round's report, read from the bytes that the ledger names. */
import { Compile, type Validator } from 'typebox/compile'
import { RoundReport } from '../api/study.door.ts'
import { type Bytes, fromUtf8, type Hash32, IsletError } from '../vocabulary/index.ts'
import { reportHash } from './round-report.ts'

let validator: Validator<Record<never, never>, typeof RoundReport> | undefined

/** Throws `REPORT_REFUSED` on bytes that are no report, or not the one of that hash. */
export function readReport(bytes: Bytes, named: Hash32): RoundReport {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw refused(cause)
  }
  validator ??= Compile(RoundReport)
  if (!validator.Check(value) || reportHash(value) !== named) throw refused()
  return value
}

function refused(cause?: unknown): IsletError {
  return new IsletError(
    'REPORT_REFUSED',
    'these bytes are not the report that the ledger names',
    {},
    { cause },
  )
}
