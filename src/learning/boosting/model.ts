/**
 * A boosted model: a first prediction and trees that each add to it.
 *
 * Law: the document is canonical JSON and its SHA-256 is the model's name; the same rows, settings and cuts give the same
 * bytes on every machine.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson, type Json } from '../../vocabulary/index.ts'
import { refused } from './refusal.ts'
import type { Table } from './table.ts'
import { leafOf, type Tree } from './tree.ts'

export interface BoostingModel {
  readonly columns: readonly string[]
  /** Prediction before the first tree, in the target's unit. */
  readonly base: number
  readonly trees: readonly Tree[]
}

/** Predictions for every row, in the target's unit. Throws `BAD_TABLE` when the columns are others. */
export function predictBoosting(model: BoostingModel, table: Table): Float64Array {
  const { rows, columns, values } = table
  if (columns.length !== model.columns.length || columns.some((name, c) => name !== model.columns[c]))
    throw refused(
      'BAD_TABLE',
      'the table has other columns than the model',
      { expected: model.columns.length, found: columns.length },
      'make the table with the columns the model was trained on',
    )
  const predicted = new Float64Array(rows)
  const row = new Float32Array(columns.length)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns.length; c++) row[c] = values[c * rows + r] ?? Number.NaN
    predicted[r] = predictRow(model, row)
  }
  return predicted
}

/** The prediction for one row of values in the model's columns. */
export function predictRow(model: BoostingModel, row: Float32Array): number {
  let sum = model.base
  for (const tree of model.trees) sum += tree.value[leafOf(tree, row)] ?? 0
  return sum
}

/** The model as plain data. */
export function boostingDocument(model: BoostingModel): Json {
  return {
    schema: 'islet.boosting/1',
    columns: model.columns,
    base: model.base,
    trees: model.trees.map((tree) => ({
      feature: Array.from(tree.feature),
      threshold: Array.from(tree.threshold),
      missing_left: Array.from(tree.missingLeft),
      left: Array.from(tree.left),
      right: Array.from(tree.right),
      value: Array.from(tree.value),
      cover: Array.from(tree.cover),
    })),
  }
}

/** SHA-256 of the canonical document, 64 hexadecimal digits. */
export function boostingHash(model: BoostingModel): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(boostingDocument(model)))))
}
