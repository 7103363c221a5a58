/** A tree of splits, as flat columns: node 0 is the root; a leaf has feature −1. */

export interface Tree {
  /** Column that a node asks for, −1 at a leaf. */
  readonly feature: Int32Array
  /** A value smaller than this goes left. */
  readonly threshold: Float32Array
  /** 1 where a missing value goes left. */
  readonly missingLeft: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** What a leaf adds to the prediction, in the target's unit; 0 elsewhere. */
  readonly value: Float64Array
  /** Weight of the training rows that came by. */
  readonly cover: Float64Array
}

/** The leaf that a row of values comes to. */
export function leafOf(tree: Tree, row: Float32Array): number {
  let node = 0
  for (;;) {
    const feature = tree.feature[node] ?? -1
    if (feature < 0) return node
    node = (goesLeft(tree, node, row[feature] ?? Number.NaN) ? tree.left[node] : tree.right[node]) ?? 0
  }
}

/** Whether a value goes left at a node; NaN goes where the split learned. */
export function goesLeft(tree: Tree, node: number, value: number): boolean {
  return Number.isNaN(value) ? tree.missingLeft[node] === 1 : value < (tree.threshold[node] ?? 0)
}
