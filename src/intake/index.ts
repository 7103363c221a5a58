/** Files and documents → records, with a reason per dropped row. Pure. */

export { deviceNameIn, deviceNames } from './device-names.ts'
export { type Holding, writeCsv } from './own-csv.ts'
export { detectFormat, readDocument } from './read-document.ts'
export { compareRecords, type Merged, mergeRecords, recordKey } from './record-key.ts'
export * from './report.ts'
export * from './steps.ts'
export { writeFhir } from './write-fhir.ts'
export { type Instants, type ZoneClock, zoneClock } from './zones.ts'
