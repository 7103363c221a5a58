/**
 * `consortium.json`: where the contracts stand and who the institutions are, in the data directory.
 *
 * Law: it holds nothing that the ledger does not know; it is written whole and durably after each step that it names.
 */
import Type, { type Static } from 'typebox'
import type { Deployment } from '../../ledger/index.ts'
import { address } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'

const ConsortiumSchema = Type.Object({
  schema: Type.Literal('islet.consortium/1'),
  /** The institutions run in processes of their own, each with keys under a node key of its own. */
  apart: Type.Optional(Type.Boolean()),
  deployment: Type.Object({ membership: Type.String(), consents: Type.String(), anchors: Type.String() }),
  institutions: Type.Array(Type.Object({ key: Type.String(), id: Type.String(), name: Type.String() })),
})
export type ConsortiumFile = Static<typeof ConsortiumSchema>

/** Undefined where none was founded. Throws `CONSORTIUM_FILE_DAMAGED`. */
export function readConsortium(path: string): Promise<ConsortiumFile | undefined> {
  return readDocumentFile(path, ConsortiumSchema, 'CONSORTIUM_FILE_DAMAGED')
}

export function writeConsortium(path: string, file: ConsortiumFile): Promise<void> {
  return writeDocumentFile(path, file)
}

export function deploymentOf({ deployment }: ConsortiumFile): Deployment {
  return {
    membership: address(deployment.membership),
    consents: address(deployment.consents),
    anchors: address(deployment.anchors),
  }
}
