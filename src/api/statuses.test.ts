import { describe, expect, test } from 'vitest'
import { IsletError } from '../vocabulary/index.ts'
import { errorDocument } from './error-document.ts'
import { LISTED_CODES, operationOutcome, statusOf } from './statuses.ts'

describe('statuses', () => {
  test('every code is listed once', () => {
    expect(new Set(LISTED_CODES).size).toBe(LISTED_CODES.length)
    for (const code of LISTED_CODES) expect(code).toMatch(/^[A-Z][A-Z0-9_]*$/)
  })

  test('no refusal looks like success, and an unlisted code is refused input', () => {
    for (const code of LISTED_CODES) expect(statusOf(code).http).toBeGreaterThanOrEqual(400)
    expect(statusOf('SOMETHING_NEW')).toEqual({ http: 422, issue: 'processing' })
  })

  test.each([
    ['CONSENT_REVOKED', 403, 'forbidden'],
    ['SIGNATURE_WRONG', 401, 'security'],
    ['LEDGER_BUSY', 503, 'transient'],
    ['QUOTA_SPENT', 429, 'throttled'],
    ['UNEXPECTED', 500, 'exception'],
  ])('%s is %i %s', (code, http, issue) => {
    expect(statusOf(code)).toEqual({ http, issue })
  })

  test('issue types are those of FHIR R4', () => {
    // http://hl7.org/fhir/R4/valueset-issue-type.html
    const r4 = new Set(
      'invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational'.split(
        ' ',
      ),
    )
    for (const code of [...LISTED_CODES, 'SOMETHING_NEW']) expect(r4).toContain(statusOf(code).issue)
  })

  test('an error becomes the document and the outcome with its place and remedy, nothing else', () => {
    const error = new IsletError(
      'REQUEST_INVALID',
      'words',
      { value: 'secret' },
      { at: { field: 'query/x' }, remedy: 'mend it' },
    )
    expect(errorDocument(error)).toEqual({
      schema: 'islet.error/1',
      error: { code: 'REQUEST_INVALID', message: 'words', at: { field: 'query/x' }, remedy: 'mend it' },
    })
    expect(operationOutcome(errorDocument(error).error)).toMatchObject({
      issue: [{ code: 'invalid', expression: ['query/x'] }],
    })
    expect(errorDocument(new Error('glucose 3.1')).error).toEqual({
      code: 'UNEXPECTED',
      message: 'something happened that should not have',
    })
  })
})
