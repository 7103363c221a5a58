/**
 * Windows: what every forecaster learns from and is judged on.
 *
 * Law: a window lies wholly inside one run without a gap and inside one part of a split; nothing in `inputs` comes from
 * after its anchor. Source of the shape: 2 h of context and 1 h of targets on a 5-minute grid (GlucoBench, BGLP).
 */

/** Windows in columns; row-major, all arrays of one length per window. */
export interface Windows {
  readonly count: number
  /** Grid cells of context, the last one is the anchor: 24. */
  readonly steps: number
  /** Inputs per cell. */
  readonly features: number
  /** Grid cells of the target path: 12, one every 5 minutes. */
  readonly horizon: number
  /** count × steps × features, scaled by public constants. */
  readonly inputs: Float32Array
  /** count × horizon, mg/dL. */
  readonly targets: Float32Array
  /** count, mg/dL at the anchor. */
  readonly last: Float32Array
  /** count × horizon; 1 where anchor and target each have a real reading within 2.5 minutes. */
  readonly scored: Uint8Array
  /** count; index into `people`. */
  readonly person: Int32Array
  /** count; instant of the anchor, seconds since 1970 UTC. */
  readonly anchor: Float64Array
  readonly people: readonly string[]
}
