/** Shows that one sealed chunk lies under an anchored root, without any key. Run: npx tsx examples/prove-a-record-is-anchored.ts */
import { fileURLToPath } from 'node:url'
import { leafSalt, merkleTree, saltedLeafHash, verifyInclusion } from '../src/vault/index.ts'
import { nodeCrypto } from '../src/vault/node-cipher.door.ts'
import { utf8 } from '../src/vocabulary/index.ts'

/** Builds a slot's tree over salted leaves, proves one of them, and tries the proof on another. */
export function proveOne(
  count: number,
  index: number,
): { readonly proven: boolean; readonly forged: boolean } {
  const { hasher, cipher } = nodeCrypto
  const saltKey = cipher.random(32)
  const chunks = Array.from({ length: count }, (_, i) => utf8(`sealed chunk ${i}`))
  const leaves = chunks.map((chunk, i) =>
    saltedLeafHash(leafSalt(saltKey, utf8('one slot'), i, hasher), chunk, hasher),
  )
  const tree = merkleTree(leaves, hasher)
  const path = tree.inclusion(index)
  const claim = { index, size: count, path, root: tree.root }
  const at = (i: number) => leaves[i] ?? new Uint8Array(32)
  return {
    proven: verifyInclusion({ ...claim, leaf: at(index) }, hasher),
    forged: verifyInclusion({ ...claim, leaf: at((index + 1) % count) }, hasher),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(proveOne(24, 7))
