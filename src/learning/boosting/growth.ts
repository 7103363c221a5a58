/**
 * The steps by which one tree grows, level by level: what is asked of every site and what every site answers.
 *
 * Law: a step depends only on settings, cuts and the sum over sites; so one site or ten give the same tree.
 */

/** A node divided: rows whose code is at most `bin` go left. */
export interface Split {
  readonly node: number
  readonly feature: number
  readonly bin: number
  readonly missingLeft: boolean
  readonly left: number
  readonly right: number
}

export interface Leaf {
  readonly node: number
  /** In units of the target. */
  readonly value: number
}

/** To every site: divide these nodes, then answer with the histograms of `build`; a step without any ends the tree. */
export interface GrowthStep {
  readonly tree: number
  readonly level: number
  readonly splits: readonly Split[]
  /** Nodes whose histograms are wanted: the lighter child of each split. */
  readonly build: readonly number[]
  /** In the last step of a tree only. */
  readonly leaves: readonly Leaf[]
}
