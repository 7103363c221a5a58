/**
 * One institution's access log: its tiles, its checkpoint, the anchors on the ledger, and every entry in it.
 *
 * Laws: each anchor on the ledger is a prefix of the log; the checkpoint stands under a key that `Membership` held for
 * the institution since its last anchor; entries that open to nobody are sealed or erased, and that is no fault.
 */
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import {
  type AccessClear,
  CHECKPOINT_PATH,
  type LogFindingCode,
  readCheckpoint,
  verifyLog,
} from '../vault/index.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { type ConsentId, fromHex, type InstitutionId } from '../vocabulary/index.ts'
import { AccessJudge, CLOCK_SLACK_SECONDS, type Ledger } from './check-access.ts'
import { institutionPaths } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { FindingCode, Findings } from './finding.ts'

/** What of a log the other checks need. */
export interface LogChecked {
  readonly entries: number
  /** Reads by consent, in the order of the log. */
  readonly reads: ReadonlyMap<ConsentId, readonly AccessClear[]>
  /** Instant before which nothing can be missing: that of its last entry, or a little before its last anchor. */
  readonly knownUntil: number
  /** Entries that rest on the patient's own signature. */
  readonly own: number
}

type Who = { readonly id: InstitutionId; readonly key: string }

export async function checkLog(
  dump: DumpReader,
  who: Who,
  ledger: Ledger,
  findings: Findings,
  progress: (bytes: number) => void,
): Promise<LogChecked> {
  const { log } = institutionPaths(who.key)
  const anchors = ledger.history.anchors(who.id, 'log')
  const reads = new Map<ConsentId, AccessClear[]>()
  let knownUntil = (anchors.at(-1)?.timestamp ?? 0) - CLOCK_SLACK_SECONDS
  let own = 0
  const note = await dump.text(`${log}/${CHECKPOINT_PATH}`)
  if (note === undefined && anchors.length === 0) return { entries: 0, reads, knownUntil, own }
  const judge = new AccessJudge(ledger, who, findings)
  const origin = `islet.log/${who.id}`
  const keys = ledger.history.messageKeys(who.id)
  const verdict = await verifyLog((path) => dump.read(`${log}/${path}`), {
    origin,
    keys: keys.map(({ key }) => fromHex(key)),
    verifier: nodeEd25519,
    crypto: nodeCrypto,
    heads: anchors.map(({ count, root, height }) => ({
      size: count,
      root: fromHex(root),
      from: `block ${height}`,
    })),
    onEntry: (clear, index, entry) => {
      judge.judge(clear, index)
      progress(entry.length)
      knownUntil = Math.max(knownUntil, clear.at)
      if (clear.action !== 'refuse' && clear.action !== 'erase' && clear.consent === undefined) own += 1
      if (clear.action !== 'read' || clear.consent === undefined) return
      const list = reads.get(clear.consent)
      if (list === undefined) reads.set(clear.consent, [clear])
      else list.push(clear)
    },
  })
  const unread = verdict.findings.some(({ code }) => UNREAD.includes(code))
  for (const { code, what, where } of verdict.findings) {
    // Without a checkpoint to go by no entry was read: that anchors are not reached says nothing more.
    if (unread && code === 'LOG_TRUNCATED') continue
    findings.add(codeOf(code, where), `log of ${who.key}, ${where}`, what)
  }
  if (unread) return { entries: 0, reads, knownUntil: Number.NEGATIVE_INFINITY, own }
  const last = anchors.findLast(({ count }) => count <= verdict.size)
  const signedBy = keys.find(
    ({ key }) =>
      readCheckpoint(note ?? '', { origin, keys: [fromHex(key)] }, nodeEd25519, nodeCrypto.hasher).ok,
  )
  if (signedBy !== undefined && last !== undefined && signedBy.until <= last.height) {
    findings.add(
      'LOG_KEY_OUT_OF_TIME',
      `log of ${who.key}`,
      `the key was replaced in block ${signedBy.until}`,
    )
  }
  return { entries: verdict.size, reads, knownUntil, own }
}

/** Findings after which a log's entries cannot be read. */
const UNREAD: readonly LogFindingCode[] = [
  'LOG_CHECKPOINT_MISSING',
  'LOG_CHECKPOINT_MALFORMED',
  'LOG_ORIGIN_WRONG',
  'LOG_SIGNATURE_WRONG',
]

/** Against the ledger a fork and a cut have names of their own. */
function codeOf(code: LogFindingCode, where: string): FindingCode {
  if (code === 'LOG_FORKED') return 'LOG_ANCHOR_DIFFERS'
  return code === 'LOG_TRUNCATED' && where.startsWith('block ') ? 'LOG_CUT_BEHIND_ANCHOR' : code
}
