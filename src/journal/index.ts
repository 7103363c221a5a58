/** What a ledger wrote down, read without an engine: records that name one another, and the blocks in them. */
export * from './journal.ts'
export {
  encodeRecord,
  RECORD_HEADER_BYTES,
  RECORDS_START,
  type RecordsEnd,
  readRecords,
  type Sha256,
  type StoredRecord,
} from './records.ts'
