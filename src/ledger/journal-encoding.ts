/**
 * The journal's records as they are written; their forms stand in src/journal.
 */
import { type JournalBlock, type JournalGenesis, RECORD_KINDS } from '../journal/index.ts'
import { type Bytes, canonicalJson, concat, uint32, uint64, utf8 } from '../vocabulary/index.ts'
import { decodeHex } from './hex.ts'

export function encodeGenesis(genesis: JournalGenesis): Bytes {
  const { chainId, genesisTimestamp, blockGasLimit, fork, genesisHash, operator, founding } = genesis
  const text = canonicalJson({
    schema: 'islet.journal/1',
    chainId,
    genesisTimestamp,
    blockGasLimit,
    fork,
    genesisHash,
    operator,
    ...(founding === undefined ? {} : { creator: founding.creator, creations: [...founding.creations] }),
  })
  return concat(new Uint8Array([RECORD_KINDS.genesis]), utf8(text))
}

export function encodeBlock(block: JournalBlock): Bytes {
  const parts: Uint8Array[] = [
    new Uint8Array([RECORD_KINDS.block]),
    uint64(block.height),
    uint64(block.timestamp),
    decodeHex(block.parentHash),
    uint32(block.transactions.length),
  ]
  for (const { raw, keys } of block.transactions) {
    const bytes = decodeHex(raw)
    parts.push(
      uint32(keys.length).subarray(2),
      ...keys.map((key) => decodeHex(key)),
      uint32(bytes.length),
      bytes,
    )
  }
  return concat(...parts)
}
