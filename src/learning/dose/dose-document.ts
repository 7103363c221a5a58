/**
 * A dose model as one document: both boosted models and, in the hybrid, the forecaster whose forecasts they were taught.
 *
 * Law: the document names its own content (`sha256`, the model's hash); a changed digit anywhere is refused. It holds sums
 * over many meals and cut points, no record and no name; still, trees tell about those who taught them.
 */
import { canonicalJson, IsletError } from '../../vocabulary/index.ts'
import { boostingDocument } from '../boosting/model.ts'
import { readBoosting } from '../boosting/read-boosting.ts'
import { readModel, writeModel } from '../evaluate/forecast-model.ts'
import { type DoseModel, doseModel } from './dose-model.ts'

const SCHEMA = 'islet.dose-model/1'

/** The document of a model, one line of JSON. */
export function writeDoseModel({ later, lowest, forecaster, simulated, hash }: DoseModel): string {
  const body = {
    schema: SCHEMA,
    later: boostingDocument(later),
    lowest: boostingDocument(lowest),
    forecaster: forecaster === undefined ? null : writeModel(forecaster),
    simulated,
    sha256: hash,
  }
  return `${canonicalJson(body)}\n`
}

/** Reads a document. Throws `NOT_A_DOSE_MODEL` and `MODEL_DAMAGED`. */
export function readDoseModel(text: string): DoseModel {
  const body = parsed(text)
  if (body?.['schema'] !== SCHEMA)
    throw new IsletError(
      'NOT_A_DOSE_MODEL',
      'this is no model that has learned from doses',
      {},
      { remedy: 'make one with islet forecast train --doses --out MODEL' },
    )
  const model = modelOf(body)
  // Compared whole: a digit that rounding swallows is a changed digit too.
  if (model === undefined || writeDoseModel(model).trim() !== text.trim())
    throw new IsletError(
      'MODEL_DAMAGED',
      'the model is not the one that was written: its digest does not fit its content',
      {},
      { remedy: 'copy the file again, or train anew' },
    )
  return model
}

function modelOf(body: Readonly<Record<string, unknown>>): DoseModel | undefined {
  const later = readBoosting(body['later'])
  const lowest = readBoosting(body['lowest'])
  const { forecaster, simulated } = body
  if (later === undefined || lowest === undefined) return undefined
  if (typeof simulated !== 'boolean') return undefined
  if (forecaster !== null && typeof forecaster !== 'string') return undefined
  try {
    return doseModel(later, lowest, forecaster === null ? undefined : readModel(forecaster), simulated)
  } catch (error) {
    if (error instanceof IsletError) return undefined
    throw error
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
