/** Export everything an auditor needs and verify it without a node. */
export { type Exported, type ExportOptions, exportDump } from './export-dump.ts'
export { FINDINGS, type Finding, type FindingCode } from './finding.ts'
export { readRawTransaction } from './raw-transaction.ts'
export { replay } from './replay.ts'
export { type DumpSource, type InstitutionSource, institutionSource, sourceOf } from './source.ts'
export { verifyDocument, verifyWords } from './verify-document.ts'
export { type VerifyOptions, type VerifyReport, type VerifyStage, verifyDump } from './verify-dump.ts'
