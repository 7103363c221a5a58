/**
 * Two logs side by side: what a reader recorded must stand in the custodian's log (PROTOCOL 1).
 *
 * Law: only where both logs are there, and as far as the custodian's is known; the other direction proves nothing, since
 * an answer may be logged and never arrive.
 */
import type { AccessClear } from '../vault/index.ts'
import { consentId, type InstitutionId } from '../vocabulary/index.ts'
import { judgeConsent, type Ledger } from './check-access.ts'
import type { LogChecked } from './check-log.ts'
import { type DumpRead, institutionPaths, parse, ReadSchema } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { Findings } from './finding.ts'

type Who = { readonly id: InstitutionId; readonly key: string }

/** Compares one reader's record with the custodians' logs; gives the number of reads. */
export async function checkReads(
  dump: DumpReader,
  reader: Who,
  logs: ReadonlyMap<InstitutionId, LogChecked>,
  ledger: Ledger,
  findings: Findings,
): Promise<number> {
  const { reads } = institutionPaths(reader.key)
  const used = new Set<AccessClear>()
  let count = 0
  for await (const text of dump.lines(reads)) {
    count += 1
    const where = `${reads}, line ${count}`
    const read = parse(ReadSchema, text)
    if (read === undefined) {
      findings.add('DOCUMENT_MALFORMED', where)
      continue
    }
    if (ledger.timestamp(read.block) === undefined) findings.add('ACCESS_BLOCK_UNKNOWN', where)
    else if (!ledger.history.activeAt(reader.id, read.block)) findings.add('ACCESS_BY_SUSPENDED', where)
    const log = read.custodian === null ? undefined : logs.get(read.custodian)
    if (log !== undefined) compare(read, log, used, where, findings)
    else judgeAlone(read, ledger, where, findings)
  }
  return count
}

function compare(
  read: DumpRead,
  log: LogChecked,
  used: Set<AccessClear>,
  where: string,
  findings: Findings,
): void {
  const entries = log.reads.get(consentId(read.consent)) ?? []
  const same = entries.filter(({ at, block }) => at === read.at && block === read.block)
  const free = same.filter((entry) => !used.has(entry))
  const match = free.find(({ count }) => count === read.count) ?? free.at(-1)
  if (match === undefined) {
    // Behind the log's last signed checkpoint nothing can be said yet.
    if (read.at < log.knownUntil) findings.add('ACCESS_NOT_LOGGED', where)
    return
  }
  used.add(match)
  // A long answer comes in pages, each with an entry of its own; the reader notes the whole under the last one.
  let sum = match.count
  for (let i = entries.indexOf(match) - 1; i >= 0 && sum < read.count; i--) {
    const page = entries[i]
    if (page === undefined || used.has(page)) break
    used.add(page)
    sum += page.count
  }
  if (sum !== read.count) findings.add('ACCESS_COUNT_DIFFERS', where, `${sum} and ${read.count}`)
}

/** Where the custodian's log is not in the dump, the reader's own record is judged by the ledger. */
function judgeAlone(read: DumpRead, ledger: Ledger, where: string, findings: Findings): void {
  const at = read.at as Ledger['now']
  const code = judgeConsent(consentId(read.consent), { block: read.block, at }, ledger.history)
  if (code !== undefined) findings.add(code, where)
}
