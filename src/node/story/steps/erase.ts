/** A person is erased: keys, salts, openings and objects go; what remains on the ledger says nothing. */
import { refusalOf, type Stage } from '../stage.ts'
import { storedObjects } from './stored-objects.ts'

export async function erase(stage: Stage): Promise<void> {
  const { leaving, custodian, consortium } = stage
  await consortium.tick(true)
  const key = leaving.keys.identityKey
  const before = await count(stage)
  const confirmed = await leaving.agent.erase()
  const after = await count(stage)
  const known = await custodian.enrolled(key)
  stage.check(
    'the objects of the person are gone',
    after < before,
    `${before} objects before, ${after} after`,
  )
  const names = consortium.parties.filter(({ id }) => confirmed.includes(id)).map(({ name }) => name)
  stage.check(
    'everybody who held something of them confirms the erasure',
    confirmed.includes(custodian.id),
    names.join(', '),
  )
  stage.check('the custodian no longer knows the person', !known, known ? 'still enrolled' : 'unknown')
  const refused = await refusalOf(leaving.agent.accesses())
  stage.check('nothing is answered in their name any more', refused !== 'NOT_REFUSED', refused)
  stage.note({ patients: -1 })
}

async function count({ custodian }: Stage): Promise<number> {
  let objects = 0
  for await (const { places } of storedObjects(custodian)) {
    if (places.length > 0) objects += 1
  }
  return objects
}
