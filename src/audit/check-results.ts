/**
 * Recorded results of analyses: who signed them, which consents and which anchored roots they name.
 *
 * Laws: a result is signed by a message key that the institution held; each consent it names was active when it was
 * recorded; each root it names stands on the ledger. Its own leaf is compared with the slot it names.
 */
import { analysisBytes, type SignedAnalysis } from '../consent/index.ts'
import { verifyDocument } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import type { Bytes, InstitutionId, Json } from '../vocabulary/index.ts'
import type { Ledger } from './check-access.ts'
import { bytesOf, institutionPaths, parse, ResultSchema } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { Findings } from './finding.ts'

/** A result and where its leaf should stand. */
export interface PlacedResult {
  readonly slot: number
  readonly index: number
  readonly salt: Bytes
  /** SHA-256 of the signed document. */
  readonly digest: Bytes
  readonly where: string
}

type Who = { readonly id: InstitutionId; readonly key: string }

export async function checkResults(
  dump: DumpReader,
  who: Who,
  ledger: Ledger,
  findings: Findings,
): Promise<readonly PlacedResult[]> {
  const { results } = institutionPaths(who.key)
  const placed: PlacedResult[] = []
  let count = 0
  for await (const text of dump.lines(results)) {
    count += 1
    const where = `${results}, line ${count}`
    const result = parse(ResultSchema, text)
    if (result === undefined) {
      findings.add('DOCUMENT_MALFORMED', where)
      continue
    }
    const { analysis, slot, index } = result
    const salt = bytesOf(result.salt)
    if (salt === undefined) {
      findings.add('DOCUMENT_MALFORMED', where)
      continue
    }
    const digest = nodeHasher.sha256(analysisBytes(analysis))
    placed.push({ slot, index, salt, digest, where })
    if (!isSignedBy(analysis, who, ledger)) findings.add('ANALYSIS_FORGED', where)
    if (!inputsStand(analysis, ledger)) findings.add('ANALYSIS_INPUT_WRONG', where)
  }
  return placed
}

function isSignedBy(
  { type, body, signer, signature }: SignedAnalysis,
  who: Who,
  { history }: Ledger,
): boolean {
  const held = history.messageKeys(who.id).some(({ key }) => key === signer)
  const document = { type, body: body as Json, signer, signature }
  return body.institution === who.id && held && verifyDocument(document, { type }, nodeEd25519)
}

function inputsStand({ body }: SignedAnalysis, { history }: Ledger): boolean {
  return body.inputs.every(({ consentId, roots }) => {
    const life = history.consent(consentId)
    const given = life?.granted !== undefined && life.granted.timestamp <= body.recorded
    return given && roots.every((root) => isAnchored(root, history))
  })
}

/** Whether any institution anchored that root for that slot in that block. */
function isAnchored(
  { slot, root, block }: SignedAnalysis['body']['inputs'][number]['roots'][number],
  history: Ledger['history'],
): boolean {
  return history.institutions.some((id) =>
    history
      .anchors(id, 'objects')
      .some((anchor) => anchor.slot === slot && anchor.root === root && anchor.height === block),
  )
}
