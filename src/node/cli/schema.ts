/** `islet schema [NAME]`: prints the JSON Schema of a document, or the names there are. */
import * as documents from '../../api/documents.door.ts'
import {
  InformationSheetDocument,
  PassportDocument,
  StudyAuditResult,
  StudyContributionDocument,
  StudyPlanDocument,
} from '../../api/study.door.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

/** Every document that the command prints, by its `schema` field. */
export const SCHEMAS: Readonly<Record<string, object>> = Object.fromEntries(
  [
    documents.ReadDocument,
    documents.DemoDocument,
    documents.VerifyDocument,
    documents.StartDocument,
    documents.ExportDocument,
    documents.BackupDocument,
    documents.RestoreDocument,
    documents.RecoverDocument,
    documents.DoctorDocument,
    documents.BenchDocument,
    documents.ForecastEvaluateDocument,
    documents.ForecastAttackDocument,
    documents.ForecastSitesDocument,
    documents.ForecastTrainDocument,
    documents.ForecastPredictDocument,
    documents.ForecastDoseDocument,
    documents.ForecastTrainDosesDocument,
    documents.NetworkDocument,
    documents.MemberDocument,
    documents.TrustAnchorDocument,
    documents.ConsentStandingDocument,
    documents.StudyDocument,
    documents.StudyInitDocument,
    documents.StudyFeasibilityDocument,
    documents.StudyExtractDocument,
    documents.StudyExtractFile,
    documents.StudyCreditsDocument,
    documents.StudySuspendDocument,
    documents.StudyExchangeDocument,
    documents.StudyRegistryDocument,
    documents.StudyMineDocument,
    documents.StudyJoinDocument,
    documents.StudyAuditDocument,
    documents.StudyLeaveDocument,
    PassportDocument,
    StudyPlanDocument,
    InformationSheetDocument,
    StudyAuditResult,
    StudyContributionDocument,
    documents.SchemasDocument,
    documents.ErrorDocument,
  ].map((schema) => ['$id' in schema ? String(schema.$id) : '', schema]),
)

export async function schema(context: VerbContext, [name]: readonly string[]): VerbOutcome {
  if (name === undefined) {
    const document: documents.SchemasDocument = { schema: 'islet.schemas/1', schemas: Object.keys(SCHEMAS) }
    if (context.json) printDocument(document, context.terminal)
    else for (const id of Object.keys(SCHEMAS)) context.terminal.out(`${id}\n`)
    return EXIT.done
  }
  const found = SCHEMAS[name] ?? SCHEMAS[`${name}/1`] ?? SCHEMAS[`islet.${name}/1`]
  if (found === undefined)
    throw usage(`there is no schema '${name}'`, `one of: ${Object.keys(SCHEMAS).join(', ')}`)
  printDocument({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...found }, context.terminal)
  return EXIT.done
}
