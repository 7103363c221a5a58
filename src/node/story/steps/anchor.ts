/** One padded root per institution and slot goes to the ledger; nothing else about the records does. */
import type { Stage } from '../stage.ts'

export async function anchor(stage: Stage): Promise<void> {
  const { consortium, custodian } = stage
  const { chain } = consortium
  const before = await chain.head()
  await consortium.tick(true)
  const slot = await chain.latestSlot(custodian.id, 'objects')
  const anchored = await chain.anchorAt(custodian.id, 'objects', slot)
  stage.check(
    'the root of the slot stands on the ledger',
    anchored !== undefined && anchored.block > before.number,
    anchored === undefined ? 'no anchor' : `slot ${slot} in block ${anchored.block}`,
  )
  stage.check(
    'its count is padded to a power of two',
    anchored !== undefined && Number.isInteger(Math.log2(anchored.count)),
    `${anchored?.count ?? 0} leaves`,
  )
  const log = await chain.latestSlot(custodian.id, 'log')
  stage.check('the access log is anchored beside it', log > 0, `slot ${log}`)
  stage.note({ anchors: 2 })
}
