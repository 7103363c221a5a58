/**
 * `islet study verify PASSPORT`, and `islet verify PASSPORT`: a model passport, without a node, a network or a key.
 *
 * Law: exit 1 with at least one finding; what was not at hand to check is said as a note, never counted as passed.
 */
import { readFile } from 'node:fs/promises'
import type { VerifyDocument } from '../../api/documents.door.ts'
import { isPassport, LEARNER_CODE, type PassportVerdict, verifyPassport } from '../../study/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { factsFromDump } from '../study/passport-anchor.ts'
import { EXIT, printDocument } from './outcome.ts'
import { readAnchors } from './read-heads.ts'
import { stageBars } from './stage-bars.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

const UNCHECKED = {
  LEDGER: 'the ledger’s own records were not at hand: the passport agrees with itself only',
  MODEL_BYTES: 'the model’s bytes were not at hand',
  UPDATE_BYTES: 'the bytes of the sites’ updates were not at hand',
  AGGREGATE: 'the aggregate was not recomputed from the updates',
} as const

export async function studyVerify(
  context: VerbContext,
  [path = '']: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): VerbOutcome {
  const { terminal } = context
  const passport = await readPassport(path)
  const verdict = await judged(context, passport, options)
  const document = passportDocument(verdict, passport, path)
  if (context.json) printDocument(document, terminal)
  else for (const line of wordsOf(document, verdict)) terminal.out(`${line}\n`)
  return document.ok ? EXIT.done : EXIT.checkFailed
}

/** The verdict from the file alone, or beside a dump that heads of others fix. Throws `ANCHOR_NEEDS_DUMP`, `DUMP_NEEDS_ANCHOR`. */
async function judged(
  { terminal, signal }: VerbContext,
  passport: unknown,
  { dump, anchor }: Readonly<Record<string, unknown>>,
): Promise<PassportVerdict> {
  const anchors = (await readAnchors(anchor)).anchors
  if (typeof dump !== 'string' && anchors.length === 0) return verifyPassport(passport)
  if (typeof dump !== 'string')
    throw needs('ANCHOR_NEEDS_DUMP', 'a head fixes a ledger’s past, and no ledger is given', '--dump DUMP')
  if (anchors.length === 0)
    throw needs('DUMP_NEEDS_ANCHOR', 'a dump alone proves consistency with itself only', '--anchor HEAD')
  const alone = verifyPassport(passport)
  // A document that is broken in itself names no study that could be looked up.
  if (!isPassport(passport)) return alone
  const bars = stageBars(terminal)
  try {
    const { ledger, study, version, committee } = passport
    const place = {
      chainId: ledger.chain_id,
      studies: ledger.studies,
      rounds: ledger.rounds,
      study: study.id,
      version: version.number,
      quorum: committee.quorum,
    }
    const facts = await factsFromDump(dump, anchors, place, { signal, progress: bars.advance })
    if (facts === undefined) return notThere(alone)
    return verifyPassport(passport, { ledger: facts })
  } finally {
    bars.finish()
  }
}

/** The ledger has no such study or version. */
function notThere(alone: PassportVerdict): PassportVerdict {
  const findings = [...alone.findings, { code: 'LEDGER_DISAGREES', at: 'version.number' } as const]
  const unchecked = alone.unchecked.filter((what) => what !== 'LEDGER')
  return { ...alone, ok: false, anchored: true, findings, unchecked }
}

function needs(code: string, message: string, option: string): IsletError {
  return new IsletError(code, message, {}, { remedy: `give ${option} too` })
}

function passportDocument(verdict: PassportVerdict, passport: unknown, path: string): VerifyDocument {
  const rounds = roundsOf(passport)
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
      ...(isPassport(passport) && passport.plan.model.code_hash !== LEARNER_CODE
        ? [{ code: 'CODE_NOT_HERE', what: codeNotHere(passport.plan.model.code_hash), where: path }]
        : []),
    ],
  }
}

/** No finding: what a passport says follows from its records, whatever code is at hand to train again with. */
function codeNotHere(named: string): string {
  return `the plan names learner code ${named.slice(0, 10)}…, and this Islet trains with ${LEARNER_CODE.slice(0, 10)}…: a round is repeated with the version that the plan names`
}

function wordsOf(
  document: VerifyDocument,
  { cohortEvidence, auditedSites, anchored }: PassportVerdict,
): readonly string[] {
  const { rounds } = document.checked
  const verdict = document.ok
    ? `The passport holds: ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${cohortEvidence} cohorts.`
    : `The passport does NOT hold: ${document.findings.length} findings.`
  return [
    verdict,
    ...(anchored ? ['  compared with the ledger of the dump, whose past the heads fix'] : []),
    ...(auditedSites.length > 0 ? [`  audited sites: ${auditedSites.join(', ')}`] : []),
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
