// Losses: weighted squares of the path, pinball of the quantiles (Koenker and Bassett 1978), with their gradients.

/**
 * Mean over cells of weight × (output − target)²: writes its gradient over `outputs`, returns the sum × scale.
 * size: rows × batch floats, a multiple of 4; a cell that does not count has weight 0; scale: 1 / cells that count.
 */
export function squares(outputs: usize, targets: usize, weights: usize, size: u32, scale: f32): f64 {
  const wide: usize = (<usize>size) << 2
  const twice = f32x4.splat(2 * scale)
  let even = f64x2.splat(0)
  let odd = f64x2.splat(0)
  for (let i: usize = 0; i < wide; i += 16) {
    const e = f32x4.sub(v128.load(outputs + i), v128.load(targets + i))
    const we = f32x4.mul(v128.load(weights + i), e)
    v128.store(outputs + i, f32x4.mul(twice, we))
    const loss = f32x4.mul(we, e)
    even = f64x2.add(even, f64x2.promote_low_f32x4(loss))
    odd = f64x2.add(odd, f64x2.promote_low_f32x4(v128.shuffle<f32>(loss, loss, 2, 3, 2, 3)))
  }
  const sum = f64x2.add(even, odd)
  return (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)) * <f64>scale
}

/**
 * Mean pinball loss of one level, max(level·e, (level − 1)·e) with e = target − output: gradient over `outputs`.
 * count: windows that count, the first of the row; the rest of `batch` gets gradient 0.
 */
export function pinball(outputs: usize, targets: usize, level: f32, count: u32, batch: u32, scale: f32): f64 {
  let sum: f64 = 0
  for (let i: u32 = 0; i < batch; i++) {
    const at = (<usize>i) << 2
    let slope: f32 = 0
    if (i < count) {
      const e = load<f32>(targets + at) - load<f32>(outputs + at)
      slope = e > 0 ? level : e < 0 ? level - 1 : 0
      sum += <f64>(slope * e)
    }
    store<f32>(outputs + at, -slope * scale)
  }
  return sum * <f64>scale
}
