/** Documents that the ledger names by a hash, read from their bytes: a round's report, a result of a model's version. */
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { RoundReport, StudyResult } from '../api/study.door.ts'
import { type Bytes, fromUtf8, type Hash32, IsletError } from '../vocabulary/index.ts'
import { reportHash } from './round-report.ts'
import { resultHash } from './study-result.ts'

/** Throws `REPORT_REFUSED` on bytes that are no report, or not the one of that hash. */
export const readReport = readerOf(RoundReport, reportHash, 'REPORT_REFUSED', 'the report')

/** Throws `RESULT_REFUSED` on bytes that are no result, or not the one of that hash. */
export const readResult = readerOf(StudyResult, resultHash, 'RESULT_REFUSED', 'the result')

function readerOf<Document extends TSchema>(
  schema: Document,
  hashOf: (document: Static<Document>) => Hash32,
  code: string,
  what: string,
): (bytes: Bytes, named: Hash32) => Static<Document> {
  let validator: Validator<Record<never, never>, Document> | undefined
  return (bytes, named) => {
    const refused = (cause?: unknown): IsletError =>
      new IsletError(code, `these bytes are not ${what} that the ledger names`, {}, { cause })
    let value: unknown
    try {
      value = JSON.parse(fromUtf8(bytes))
    } catch (cause) {
      throw refused(cause)
    }
    validator ??= Compile(schema)
    if (!validator.Check(value) || hashOf(value) !== named) throw refused()
    return value
  }
}
