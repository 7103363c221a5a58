/**
 * One access against the ledger: was there an active consent at that block and instant, and could it have been so?
 *
 * Laws: an access stands only with a consent granted at or before its block, not revoked at or before it, and not
 * expired at its instant; whoever gave the data was an active member; block, instant and place in the log fit together
 * (PROTOCOL 1, 4, 5, 6). Limit, stated: the ledger knows the expiry as a whole UTC day, and accesses without a consent
 * are the patient's own, which only the sealed part can show.
 */
import type { AccessClear } from '../vault/index.ts'
import type { ConsentId, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { FindingCode, Findings } from './finding.ts'
import type { AnchoredSlot, LedgerHistory } from './history.ts'

/** Clocks of honest machines, and the way from a decision to its place in the log, stay within this. */
export const CLOCK_SLACK_SECONDS = 60
const DAY_SECONDS = 86_400

/** The ledger as accesses are judged by it. */
export interface Ledger {
  readonly history: LedgerHistory
  readonly height: number
  /** Timestamp of a block; undefined beyond the head. */
  timestamp(height: number): UnixSeconds | undefined
  /** The verifier's own clock. */
  readonly now: UnixSeconds
}

/** Judges the entries of one log, in order. */
export class AccessJudge {
  readonly #ledger: Ledger
  readonly #custodian: InstitutionId
  readonly #anchors: readonly AnchoredSlot[]
  readonly #findings: Findings
  readonly #name: string
  #next = 0
  #latest = 0

  constructor(
    ledger: Ledger,
    custodian: { readonly id: InstitutionId; readonly key: string },
    findings: Findings,
  ) {
    this.#ledger = ledger
    this.#custodian = custodian.id
    this.#name = custodian.key
    this.#findings = findings
    this.#anchors = ledger.history.anchors(custodian.id, 'log')
  }

  judge(clear: AccessClear, index: number): void {
    const where = `log of ${this.#name}, entry ${index}`
    const add = (code: FindingCode): void => this.#findings.add(code, where)
    if (this.#ledger.timestamp(clear.block) === undefined) {
      add('ACCESS_BLOCK_UNKNOWN')
      return
    }
    if (!fitsItsBlock(clear, this.#ledger)) add('ACCESS_TIME_IMPLAUSIBLE')
    this.#place(clear, index, add)
    if (clear.action === 'refuse' || clear.action === 'erase') return
    if (!this.#ledger.history.activeAt(this.#custodian, clear.block)) add('ACCESS_BY_SUSPENDED')
    if (clear.consent !== undefined) {
      const code = judgeConsent(clear.consent, clear, this.#ledger.history)
      if (code !== undefined) add(code)
    }
  }

  /** Anchors of the log bracket an entry: behind one it is younger, within the next it is older. */
  #place(clear: AccessClear, index: number, add: (code: FindingCode) => void): void {
    while ((this.#anchors[this.#next]?.count ?? Number.POSITIVE_INFINITY) <= index) this.#next += 1
    const before = this.#anchors[this.#next - 1]
    const after = this.#anchors[this.#next]
    const earliest = Math.max(before?.timestamp ?? 0, this.#latest)
    if (clear.at + CLOCK_SLACK_SECONDS < earliest) add('ACCESS_BACKDATED')
    if (after !== undefined && clear.block > after.height) add('ACCESS_TIME_IMPLAUSIBLE')
    this.#latest = Math.max(this.#latest, clear.at)
  }
}

/** What is wrong with an access under a consent, if anything is. */
export function judgeConsent(
  id: ConsentId,
  { block, at }: Pick<AccessClear, 'block' | 'at'>,
  history: LedgerHistory,
): FindingCode | undefined {
  const life = history.consent(id)
  if (life?.granted === undefined) return 'ACCESS_WITHOUT_CONSENT'
  const { granted, revoked, expiryDay } = life
  if (granted.height > block) return 'ACCESS_BEFORE_GRANT'
  if (revoked !== undefined) {
    const late = revoked.height <= block || at > revoked.timestamp + CLOCK_SLACK_SECONDS
    if (late) return 'ACCESS_AFTER_REVOKE'
  }
  return at >= expiryDay * DAY_SECONDS ? 'ACCESS_AFTER_EXPIRY' : undefined
}

/** Not before its block, and not long after the next one was made. */
function fitsItsBlock({ block, at, action }: AccessClear, ledger: Ledger): boolean {
  const own = ledger.timestamp(block) ?? 0
  const next = ledger.timestamp(block + 1) ?? ledger.now
  // An erasure notes the institution's own clock; every other access the later of clock and block.
  const early = action === 'erase' ? CLOCK_SLACK_SECONDS : 0
  return at + early >= own && at <= Math.max(next, own) + CLOCK_SLACK_SECONDS
}
