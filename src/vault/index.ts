/** Seal, store, open and prove: keys and bytes, never consents. The key-bearing parts are behind `keys.door.ts`. */

export {
  type CheckpointReading,
  type NoteKey,
  type NoteSigner,
  type NoteVerifier,
  readCheckpoint,
  signCheckpoint,
  type TreeHead,
} from './checkpoint-note.ts'
export * from './checkpoint-witness.ts'
export { chunkLeafData } from './chunk.ts'
export { type ChunkContext, STREAM_COMMITMENT_BYTES, type StreamCommitment } from './chunk-context.ts'
export { checked, cidOf, digestOf } from './content-id.ts'
export { contentNames, type NameBook, type NamedStore } from './content-names.ts'
export {
  applyErasures,
  type Destroyer,
  type ErasedThing,
  type ErasureList,
  type ErasureOutcome,
  type ErasurePorts,
  erase,
  erasureEntry,
  isErased,
} from './erasure.ts'
export * from './hkdf.ts'
export { hoursOfRecords } from './hours-of-records.ts'
export * from './hpke.ts'
export { keccak256 } from './keccak.ts'
export type { LogDisk, TailFile } from './log-disk.ts'
export * from './log-entry.ts'
export type { AccessLogParts, Appended, SignedHead } from './log-state.ts'
export { CHECKPOINT_PATH, TILE_WIDTH, tilePath, tilesOf } from './log-tiles.ts'
export * from './log-verify.ts'
export { type AccessLog, openLog } from './log-writer.ts'
export { memoryStore } from './memory-store.ts'
export * from './merkle-frontier.ts'
export { emptyRoot, leafHash, nodeHash, type TreeHasher } from './merkle-hash.ts'
export { type SharedClaim, verifyShared } from './merkle-paths.ts'
export * from './merkle-proof.ts'
export * from './merkle-salt.ts'
export * from './merkle-slot.ts'
export * from './merkle-tree.ts'
export { nobleHasher } from './noble-hasher.ts'
export type { ObjectStore } from './object-store.ts'
export { type KeyHalves, openOuter, outerKeyOf, outerKeyStore } from './outer-key.ts'
export { type CheckedReading, type ReadingProof, verifyReading } from './reading-proof.ts'
export { kindOfRecord } from './record-kinds.ts'
export { chunksOf, HOURS_OF_DAY, hourObject, packDay, type StoredChunk } from './stored-object.ts'
export * from './suite.ts'
