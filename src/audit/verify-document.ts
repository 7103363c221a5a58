/**
 * A verification for scripts (`islet.verify/1`) and for people: what was checked, what that proves, and what it does not.
 *
 * Law: the words never promise more than was compared (PROTOCOL 18).
 */
import type { VerifyDocument } from '../api/documents.door.ts'
import type { VerifyReport } from './verify-dump.ts'

export function verifyDocument(report: VerifyReport): VerifyDocument {
  const { ok, anchored, checked, findings, notes } = report
  return {
    schema: 'islet.verify/1',
    ok,
    anchored,
    checked,
    findings: findings.map((finding) => ({ ...finding })),
    notes: notes.map((note) => ({ ...note })),
  }
}

/** Lines of text. */
export function verifyWords(report: VerifyReport): readonly string[] {
  const { checked, also, findings, notes, ok, anchored, head } = report
  return [
    ok ? 'This dump holds together: nothing was found.' : `${findings.length} findings:`,
    ...findings.map(({ code, what, where }) => `  ${code}  ${what} (${where})`),
    ...(notes.length === 0 ? [] : ['', 'To know']),
    ...notes.map(({ code, what, where }) => `  ${code}  ${what} (${where})`),
    '',
    'Checked',
    `  ledger        ${checked.blocks} blocks, ${checked.transactions} transactions: executed anew${headWords(head)},`,
    '                and compared with the rules of the three contracts',
    ...(also.commits === 0
      ? []
      : [`  consensus     ${also.commits} blocks under the votes of more than two thirds of the seats`]),
    ...(also.facts === 0
      ? []
      : [`  state         ${also.facts} members, seats and consents, proved as the contracts hold them`]),
    `  consents      ${checked.consents} life cycles`,
    `  access logs   ${checked.accesses} entries of ${also.institutions} institutions, every one against the ledger;`,
    `                ${also.ownAccesses} rest on a patient’s own signature, not on a consent`,
    `  two sides     ${also.reads} reads that readers recorded, against the custodians’ logs`,
    `  objects       ${checked.objects} sealed objects, ${checked.leaves} leaves in ${also.slots} anchored slots,`,
    `                ${also.erasedLeaves} of them erased`,
    '',
    'What this proves',
    ...(ok ? PROVES : ['  Not all that it should: see the findings above.']),
    'What it does not prove',
    ...(also.commits > 0 ? WORDS.consortium : WORDS.operator)[anchored ? 'anchored' : 'alone'],
    ...LIMITS,
  ]
}

function headWords(head: VerifyReport['head']): string {
  return head === undefined ? '' : ` to head ${head.height} ${head.hash.slice(0, 18)}…`
}

const PROVES = [
  '  Every access in these logs that names a consent had an active one at its block and instant.',
  '  No logged entry, anchored root, object or block was altered, removed or put in later without it showing here.',
]
const WORDS = {
  operator: {
    anchored: [
      '  A single operator keeps this ledger. The head that others hold fixes its past up to that height, not beyond.',
    ],
    alone: [
      '  No head that somebody else holds was given (--anchor): the dump is consistent with itself only. A single operator',
      '  could have written another past, or left out the end of this one.',
    ],
  },
  consortium: {
    anchored: [
      '  Seats with more than two thirds of the power could together have signed another past, up to the block or head that',
      '  was given; what came after the end of this dump it does not say.',
    ],
    alone: [
      '  No block that you believe was given (--anchor): the votes and the state hold together, and nobody vouches that these',
      '  seats are those of the consortium.',
    ],
  },
} as const
const LIMITS = [
  '  An access that a custodian never logged leaves no trace here unless the reader recorded it.',
  '  The ledger knows an expiry as a whole UTC day; the exact instant stands in the sealed opening.',
  '  What a reader fetched while allowed remains readable to them.',
]
