/**
 * One table from codes of refusal to the HTTP status and the FHIR issue type that say the same.
 *
 * Law: a code has one status everywhere; a code that is not listed is refused input (422), an error that is not ours 500.
 * Source: RFC 9110 section 15, RFC 6585 section 4; http://hl7.org/fhir/R4/valueset-issue-type.html.
 */

export interface Status {
  readonly http: number
  /** FHIR R4 issue type. */
  readonly issue: string
}

const rows: readonly (readonly [http: number, issue: string, codes: string])[] = [
  [
    400,
    'structure',
    'BODY_NOT_JSON MESSAGE_BODY_WRONG NOT_UTF8 NOT_HEX NOT_BASE64URL NOT_JSON REQUEST_MALFORMED SIGNATURE_MALFORMED',
  ],
  [
    401,
    'security',
    'SIGNATURE_MISSING SIGNATURE_INCOMPLETE SIGNATURE_WRONG SIGNATURE_EXPIRED SIGNATURE_TOO_EARLY SIGNATURE_LIVES_TOO_LONG',
  ],
  [
    401,
    'security',
    'DIGEST_WRONG REQUEST_REPLAYED SIGNATURE_REFUSED ORDER_STALE ORDER_REPEATED ORDER_ELSEWHERE',
  ],
  [
    403,
    'forbidden',
    'ROLE_NOT_ALLOWED PARTY_UNKNOWN PARTY_SUSPENDED SENDER_NOT_SIGNER LOOPBACK_ONLY RELAYER_REFUSED NOT_A_WRITER NOT_A_SITE NOT_THE_APPLICANT',
  ],
  // The codes of the contract's checkAccess.
  [
    403,
    'forbidden',
    'OPENING_MISMATCH CONSENT_UNKNOWN CONSENT_REVOKED EXPIRY_MISMATCH WINDOW_AFTER_EXPIRY READER_MISMATCH READER_SUSPENDED',
  ],
  [
    403,
    'forbidden',
    'RELEASE_MISSING RELEASE_REFUSED RELEASE_OVER NOT_YET_VALID CONSENT_EXPIRED SUBJECT_MISMATCH KIND_NOT_GRANTED ACTION_NOT_GRANTED PURPOSE_NOT_GRANTED HOURS_NOT_GRANTED',
  ],
  [
    404,
    'not-found',
    'ROUTE_UNKNOWN NOT_FOUND MESSAGE_NOT_SERVED INSTITUTION_NOT_HERE OBJECT_MISSING PATIENT_UNKNOWN MAILBOX_UNKNOWN NO_STATE_STORED NO_PERSONAS_HERE RECOVERY_UNKNOWN',
  ],
  [404, 'not-found', 'STUDY_UNKNOWN STUDY_PAPER_MISSING NO_PASSPORT_YET'],
  [405, 'not-supported', 'METHOD_NOT_ALLOWED'],
  [408, 'timeout', 'REQUEST_TOO_SLOW'],
  [
    409,
    'conflict',
    'MESSAGE_ID_REUSED ADDRESS_SEQUENCE_OLD MAILBOX_TAKEN PATIENT_ID_TAKEN REVISION_TAKEN STATE_OUTDATED RECOVERY_TAKEN RECOVERY_WRAPS_TOO_MANY SLOT_ANCHORED_OTHERWISE',
  ],
  [411, 'required', 'LENGTH_REQUIRED'],
  [413, 'too-long', 'BODY_TOO_LARGE FILE_TOO_LARGE RANGE_TOO_LONG LOG_ENTRY_TOO_LARGE OBJECT_TOO_LARGE'],
  [415, 'not-supported', 'CONTENT_ENCODED CONTENT_TYPE_UNKNOWN'],
  [421, 'invalid', 'TARGET_WRONG HOST_REFUSED NOT_ADDRESSED_TO_US'],
  [422, 'invalid', 'REQUEST_INVALID MESSAGE_TYPE_UNKNOWN ENVELOPE_INVALID ADDRESS_NOT_SIGNED'],
  [429, 'throttled', 'RATE_LIMITED QUOTA_SPENT TOO_MANY_MAILBOXES MAILBOX_FULL'],
  [431, 'too-long', 'HEADERS_TOO_LARGE'],
  [500, 'exception', 'UNEXPECTED ANSWER_OUTSIDE_CONTRACT OBJECT_TAMPERED ACCESS_LOG_BROKEN LOG_DAMAGED'],
  [502, 'transient', 'PEER_UNREACHABLE PEER_ANSWER_UNVERIFIED PEER_CERTIFICATE_WRONG PEER_UNKNOWN'],
  [
    503,
    'transient',
    'LEDGER_BUSY LEDGER_HALTED LEDGER_CLOSED LEDGER_UNREADABLE UNREACHABLE ENGINE_FAILED ENGINE_MISSING NO_RELAYER',
  ],
  [
    503,
    'transient',
    'NOT_READY SHUTTING_DOWN TOO_BUSY DISK_FULL READ_ONLY_DIRECTORY DATA_IN_USE STORE_FAILED LOG_HALTED LOG_DISK_FAILED',
  ],
  [504, 'timeout', 'PEER_TOO_SLOW'],
]

const TABLE: ReadonlyMap<string, Status> = new Map(
  rows.flatMap(([http, issue, codes]) => codes.split(' ').map((code) => [code, { http, issue }] as const)),
)

/** Every code with a status of its own. */
export const LISTED_CODES: readonly string[] = [...TABLE.keys()]

/** The status of a code; unlisted codes are refused input. */
export function statusOf(code: string): Status {
  return TABLE.get(code) ?? { http: 422, issue: 'processing' }
}

/** FHIR R4 OperationOutcome of a refusal: the code travels in `details.coding`. */
export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome'
  readonly issue: readonly {
    readonly severity: 'error'
    readonly code: string
    readonly details: {
      readonly coding: readonly [{ readonly system: string; readonly code: string }]
      readonly text: string
    }
    readonly expression?: readonly string[]
  }[]
}

/** The system under which our codes stand in FHIR documents. */
export const CODE_SYSTEM = 'urn:islet:error'

/** A refusal as FHIR clients expect it. */
export function operationOutcome(error: {
  readonly code: string
  readonly message: string
  readonly at?: { readonly field?: string | undefined } | undefined
}): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: statusOf(error.code).issue,
        details: { coding: [{ system: CODE_SYSTEM, code: error.code }], text: error.message },
        ...(error.at?.field === undefined ? {} : { expression: [error.at.field] }),
      },
    ],
  }
}
