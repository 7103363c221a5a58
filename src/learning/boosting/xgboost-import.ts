/**
 * A model that XGBoost wrote as JSON, read as one of ours: for comparison, and for models trained elsewhere.
 *
 * Source: XGBoost's model schema (doc/model.schema), versions 1.0 to 2.1, objective reg:squarederror, booster gbtree.
 */
import type { BoostingModel } from './model.ts'
import { refused } from './refusal.ts'
import type { Tree } from './tree.ts'

/** Reads the text of `save_model('x.json')`. Throws `UNREADABLE_MODEL`. */
export function importXgboost(text: string): BoostingModel {
  const document = parsed(text)
  const learner = member(document, 'learner')
  const parameters = member(learner, 'learner_model_param')
  const booster = member(learner, 'gradient_booster')
  const trees = member(member(booster, 'model'), 'trees')
  const base = Number(String(member(parameters, 'base_score')).replace(/^\[|\]$/g, ''))
  const columns = Number(member(parameters, 'num_feature'))
  const names = optional(learner, 'feature_names')
  if (member(member(learner, 'objective'), 'name') !== 'reg:squarederror' || !Array.isArray(trees))
    throw unreadable('objective')
  return {
    columns:
      Array.isArray(names) && names.length === columns
        ? names.map(String)
        : Array.from({ length: columns }, (_, c) => `f${c}`),
    base: finite(base, 'base_score'),
    trees: trees.map((tree) => treeFrom(tree, columns)),
  }
}

function treeFrom(tree: unknown, columns: number): Tree {
  const left = numbers(tree, 'left_children')
  const right = numbers(tree, 'right_children')
  const conditions = numbers(tree, 'split_conditions')
  const column = numbers(tree, 'split_indices')
  const leaf = left.map((child) => child < 0)
  const inside = (child: number): boolean => Number.isInteger(child) && child < left.length
  if (!left.every(inside) || !right.every(inside) || column.some((c) => !(c >= 0 && c < columns)))
    throw unreadable('children')
  // A child that comes before its parent could make a walk endless.
  if (left.some((child, node) => child >= 0 && (child <= node || (right[node] ?? 0) <= node)))
    throw unreadable('children')
  return {
    feature: Int32Array.from(column, (c, node) => (leaf[node] ? -1 : c)),
    threshold: Float32Array.from(conditions, (value, node) => (leaf[node] ? 0 : value)),
    missingLeft: Uint8Array.from(numbers(tree, 'default_left')),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    value: Float64Array.from(conditions, (value, node) => (leaf[node] ? value : 0)),
    cover: Float64Array.from(numbers(tree, 'sum_hessian')),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable('JSON')
  }
}

function optional(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([k]) => k === name)?.[1]
    : undefined
}

function member(value: unknown, name: string): unknown {
  const found = optional(value, name)
  if (found === undefined) throw unreadable(name)
  return found
}

function numbers(value: unknown, name: string): readonly number[] {
  const found = member(value, name)
  if (!Array.isArray(found)) throw unreadable(name)
  return found.map((item) => finite(Number(item), name))
}

function finite(value: number, field: string): number {
  if (!Number.isFinite(value)) throw unreadable(field)
  return value
}

function unreadable(field: string): Error {
  return refused(
    'UNREADABLE_MODEL',
    'this is not a model that XGBoost wrote as JSON for squared error',
    { field },
    "save it with model.save_model('model.json')",
  )
}
