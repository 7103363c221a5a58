/**
 * `islet verify PROOF --anchor ANCHOR`: how a consent stands on a consortium's ledger, without a node or a network.
 *
 * Law: the anchor is what the verifier brings; nothing else is believed. Exit 1 where the proof is refused.
 */
import { readFile } from 'node:fs/promises'
import type { ConsentStandingDocument } from '../../api/documents.door.ts'
import { type CommitTrust, FINALITY_CRYPTO } from '../../audit/index.ts'
import {
  anchorIn,
  type ConsentProofReading,
  TRUST_PERIOD_SECONDS,
  type TrustAnchor,
  verifyConsentProof,
} from '../../finality/index.ts'
import { CONSORTIUM_CONTRACTS } from '../../ledger/consortium.door.ts'
import { formatInstant, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { wallClock } from '../institution/wire.ts'
import { readAnchorFile } from '../world/pinned-block.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

/** What this machine's clock and this version's contracts ask of a proof. */
export function proofRules() {
  return {
    now: quantity<UnixSeconds>(Math.floor(wallClock())),
    trustPeriod: TRUST_PERIOD_SECONDS,
    consents: CONSORTIUM_CONTRACTS.consents,
  }
}

/** The one anchor of `--anchor`. Throws `BAD_USAGE`, `NOT_A_TRUST_ANCHOR`. */
export async function readAnchor(named: unknown): Promise<TrustAnchor> {
  const [file, ...more] = Array.isArray(named) ? named : [named]
  if (typeof file !== 'string' || more.length > 0) {
    throw usage(
      'a proof is verified from one block that you hold already',
      'name it with --anchor FILE; islet network anchor writes one',
    )
  }
  return readAnchorFile(file)
}

/** The block in a file; undefined where it holds something else. */
export async function trustAnchorIn(file: string): Promise<TrustAnchor | undefined> {
  return anchorIn(await readFile(file, 'utf8'))
}

/** What a dump is held against where a block is believed. */
export function trustIn(anchor: TrustAnchor): CommitTrust {
  const { now, trustPeriod } = proofRules()
  return { anchor, now, trustPeriod }
}

export async function verifyStanding(context: VerbContext, proof: Uint8Array, named: unknown): VerbOutcome {
  return tellStanding(context, proof, await readAnchor(named))
}

/** Verifies and prints. */
export function tellStanding(
  { terminal, json }: VerbContext,
  proof: Uint8Array,
  anchor: TrustAnchor,
): (typeof EXIT)['done' | 'checkFailed'] {
  const reading = verifyConsentProof(proof, anchor, proofRules(), FINALITY_CRYPTO)
  const document = standingDocument(reading, anchor, proof.length)
  if (json) printDocument(document, terminal)
  else for (const line of wordsOf(document)) terminal.out(`${line}\n`)
  return document.ok ? EXIT.done : EXIT.checkFailed
}

function standingDocument(
  reading: ConsentProofReading,
  { chain, height, hash }: TrustAnchor,
  bytes: number,
): ConsentStandingDocument {
  const common = { schema: 'islet.consent-standing/1' as const, anchor: { chain, height, hash }, bytes }
  if (!reading.ok) {
    const { code, what } = reading
    const findings = [{ code, what, where: 'the proof' }]
    return {
      ...common,
      ...{ ok: false, consent: null, signer: null, state: null, ends: null, block: null, findings },
    }
  }
  const { consent, signer, standing, block } = reading
  const time = formatInstant(quantity<UnixSeconds>(block.time.seconds))
  return {
    ...common,
    ok: true,
    consent,
    signer,
    state: standing.state === 'none' && standing.spent ? 'spent' : standing.state,
    ends: standing.state === 'active' ? dayOf(standing.expiryDay) : null,
    block: { height: block.height, hash: block.hash, time },
    findings: [],
  }
}

function dayOf(day: number): string {
  return formatInstant(quantity<UnixSeconds>(day * 86_400)).slice(0, 10)
}

function wordsOf(document: ConsentStandingDocument): readonly string[] {
  const { consent, state, ends, block, anchor, findings, bytes } = document
  const from = `anchor: block ${anchor.height} of ${anchor.chain}, ${anchor.hash}`
  if (state === null || block === null) {
    return [...findings.map(({ code, what }) => `not proven: ${what} (${code})`), from]
  }
  const says = {
    none: 'was neither granted nor revoked',
    spent: 'was not granted and cannot be: its address signed for another consent',
    active: `is granted and not revoked; it ends when ${ends} begins (UTC)`,
    revoked: 'is revoked',
  }[state]
  return [
    `consent ${consent} ${says}`,
    `as of the block before ${block.height} of ${block.time}, ${block.hash}, signed by more than two thirds of the seats' power`,
    from,
    `${bytes} bytes`,
  ]
}
