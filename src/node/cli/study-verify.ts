/**
 * `islet study verify PASSPORT`, and `islet verify PASSPORT`: a model passport, without a node, a network or a key.
 *
 * Law: exit 1 with at least one finding; what was not at hand to check is said as a note, never counted as passed.
 */
import { readFile } from 'node:fs/promises'
import type { VerifyDocument } from '../../api/documents.door.ts'
import { type PassportVerdict, verifyPassport } from '../../study/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { EXIT, printDocument } from './outcome.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

const UNCHECKED = {
  LEDGER: 'the ledger’s own records were not at hand: the passport agrees with itself only',
  MODEL_BYTES: 'the model’s bytes were not at hand',
  UPDATE_BYTES: 'the bytes of the sites’ updates were not at hand',
  AGGREGATE: 'the aggregate was not recomputed from the updates',
} as const

export async function studyVerify(context: VerbContext, [path = '']: readonly string[]): VerbOutcome {
  const { terminal } = context
  const passport = await readPassport(path)
  const verdict = verifyPassport(passport)
  const document = passportDocument(verdict, roundsOf(passport), path)
  if (context.json) printDocument(document, terminal)
  else for (const line of wordsOf(document, verdict)) terminal.out(`${line}\n`)
  return document.ok ? EXIT.done : EXIT.checkFailed
}

function passportDocument(verdict: PassportVerdict, rounds: number, path: string): VerifyDocument {
  return {
    schema: 'islet.verify/1',
    ok: verdict.ok,
    anchored: verdict.anchored,
    checked: { blocks: 0, transactions: 0, consents: 0, accesses: 0, objects: 0, leaves: 0, rounds },
    findings: verdict.findings.map(({ code, at }) => ({
      code,
      what: wordsOfCode(code),
      where: `${path}: ${at === '' ? 'document' : at}`,
    })),
    notes: [
      ...verdict.unchecked.map((what) => ({ code: `${what}_UNCHECKED`, what: UNCHECKED[what], where: path })),
      ...(verdict.cohortEvidence === 'declared'
        ? [
            {
              code: 'COHORT_DECLARED',
              what: 'the cohort roots say what the sites declared; no audit re-executed a round from their data',
              where: path,
            },
          ]
        : []),
    ],
  }
}

function wordsOf(document: VerifyDocument, { cohortEvidence }: PassportVerdict): readonly string[] {
  const { rounds } = document.checked
  const verdict = document.ok
    ? `The passport holds: ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${cohortEvidence} cohorts.`
    : `The passport does NOT hold: ${document.findings.length} findings.`
  return [
    verdict,
    ...document.findings.map(({ code, what, where }) => `  ${code}  ${what}  (${where})`),
    ...document.notes.map(({ code, what }) => `  not checked: ${what} (${code})`),
  ]
}

/** `COMMITMENT_WRONG` → `commitment wrong`: the codes are words. */
function wordsOfCode(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ')
}

function roundsOf(passport: unknown): number {
  if (typeof passport !== 'object' || passport === null || !('rounds' in passport)) return 0
  return Array.isArray(passport.rounds) ? passport.rounds.length : 0
}

/** A document that calls itself a passport. Throws `NOT_A_PASSPORT` for any other file. */
async function readPassport(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw notPassport(path)
  }
  if (schemaOf(value).startsWith('islet.passport/')) return value
  throw notPassport(path)
}

/** What a document calls itself; empty for what has no name. */
function schemaOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'schema' in value ? String(value.schema) : ''
}

function notPassport(path: string): IsletError {
  return new IsletError(
    'NOT_A_PASSPORT',
    'a passport is one JSON document of schema islet.passport/1',
    {},
    { at: { file: path }, remedy: 'Give the file that islet study run --out wrote.' },
  )
}
