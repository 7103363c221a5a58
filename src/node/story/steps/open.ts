/** The reader opens exactly the granted hours, locally, and checks each chunk against the root on the ledger. */
import type { HealthRecord } from '../../../series/index.ts'
import { canonicalJson } from '../../../vocabulary/index.ts'
import { within } from '../material.ts'
import { need, type Stage } from '../stage.ts'

export async function open(stage: Stage): Promise<void> {
  const { reader, custodian, material } = stage
  const consent = need(stage.progress.consent, 'the consent')
  const logged = await custodian.logSize()
  const opened = await reader.read(consent)
  const entries = (await custodian.logSize()) - logged
  stage.progress.opened = opened
  const granted = material.records.filter(
    (record) => record.type === 'glucose' && within(material.window, record.at),
  )
  const spelled = (records: readonly HealthRecord[]) => canonicalJson(JSON.parse(JSON.stringify(records)))
  const same = spelled(opened.records) === spelled(granted)
  stage.check(
    'what was opened equals the source’s readings of those hours, one for one',
    same,
    `${opened.records.length} opened, ${granted.length} in the source`,
  )
  const anchored = opened.chunks.filter((chunk) => chunk.anchor.code === 'ANCHORED').length
  stage.check(
    'every chunk lies under the root that stands on the ledger',
    anchored === opened.chunks.length && anchored > 0,
    `${anchored} of ${opened.chunks.length} chunks proven`,
  )
  stage.check(
    'the access was in the custodian’s log before a byte left',
    entries > 0,
    `${entries} new entries`,
  )
  const accesses = await stage.person.agent.accesses()
  const mine = accesses.filter((access) => access.clear.consent === consent && access.clear.action === 'read')
  stage.check(
    'the patient sees the access, each entry proven against a signed checkpoint',
    mine.length >= 1,
    `${mine.length} reads under this consent`,
  )
  stage.note({ accesses: mine.length })
}
