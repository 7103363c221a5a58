/**
 * Writes to a disk store until it is killed, and says on standard output which objects were acknowledged.
 */
import { randomBytes } from 'node:crypto'
import { openDiskStore } from '../disk.door.ts'
import { nodeHasher } from '../node-cipher.door.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: store-writer FOLDER')
const store = await openDiskStore({ folder, hasher: nodeHasher })
for (let round = 0; ; round++) {
  const batch = Array.from({ length: 1 + (round % 30) }, () => randomBytes(2000))
  const names = round % 2 === 0 ? await store.putMany(batch) : [await store.put(randomBytes(500))]
  process.stdout.write(`${names.join(' ')}\n`)
}
