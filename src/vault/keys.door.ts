/**
 * The key-bearing side of the vault: hour keys, covers, envelopes, sealing and opening. Only `consent` opens this door,
 * for only a consent turns into a key (a rule of the house, enforced).
 */
export {
  type Cover,
  type CoverNode,
  type CoverPosition,
  coverPositions,
  decodeCover,
  encodeCover,
} from './cover.ts'
export { type CurrentHour, currentHours } from './current-hours.ts'
export {
  type CoverScope,
  type EnvelopeScope,
  envelopeHash,
  type OpenedEnvelope,
  openEnvelope,
  sealEnvelope,
} from './envelope.ts'
export { type HourLeaf, hourLeaf, leafDeriver, narrowCover, streamCover } from './key-tree.ts'
export {
  type ChunkToOpen,
  type OpenedChunk,
  type OpenedHourChunk,
  type OpenFailure,
  openHours,
  type UnopenedHourChunk,
} from './open-hours.ts'
export { type MadeProof, proveReading } from './reading-proof.ts'
export { type HourToSeal, type SealedChunk, type SealOptions, sealHours } from './seal-hours.ts'
