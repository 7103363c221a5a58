// Matrix products of a network whose activations lie feature-major: [dimension][batch], the batch contiguous.
//
// Law: every sum is taken in one fixed order, without fused or relaxed operations, so the bytes are the same everywhere.
// Each product is "scalar weight × batch vector" in a register block of 4 rows × 8 columns; the gradient of a weight is a
// dot product along the batch, over all steps of the sequence in one call.

/**
 * Weights → panels of 4 rows, [row / 4][inner][row % 4], so that the product reads them in one line.
 * to: first panel, `panel` floats to the next; the value of row, k is from[row × rowStride + k × innerStride].
 */
export function panels(
  to: usize,
  from: usize,
  rows: u32,
  inner: u32,
  rowStride: u32,
  innerStride: u32,
  panel: u32,
): void {
  for (let row: u32 = 0; row < rows; row++) {
    let target = to + (<usize>((row >> 2) * panel + (row & 3)) << 2)
    let source = from + (<usize>(row * rowStride) << 2)
    for (let k: u32 = 0; k < inner; k++) {
      store<f32>(target, load<f32>(source))
      target += 16
      source += (<usize>innerStride) << 2
    }
  }
}

/**
 * c[rows][batch] = bias + a[rows][inner] · b[inner][batch]; with `bias` 0, adds to what stands in c.
 * a: panels, one after the other; rows: multiple of 4; batch: multiple of 8.
 */
export function product(c: usize, a: usize, b: usize, bias: usize, rows: u32, inner: u32, batch: u32): void {
  const wide: usize = (<usize>batch) << 2
  const panel: usize = (<usize>inner) << 4
  for (let row: u32 = 0; row < rows; row += 4) {
    const block = a + <usize>(row >> 2) * panel
    const c0 = c + <usize>row * wide
    const c1 = c0 + wide
    const c2 = c1 + wide
    const c3 = c2 + wide
    for (let column: usize = 0; column < wide; column += 32) {
      let s00: v128, s01: v128, s10: v128, s11: v128, s20: v128, s21: v128, s30: v128, s31: v128
      if (bias != 0) {
        const own = bias + ((<usize>row) << 2)
        s00 = v128.load32_splat(own)
        s10 = v128.load32_splat(own, 4)
        s20 = v128.load32_splat(own, 8)
        s30 = v128.load32_splat(own, 12)
        s01 = s00
        s11 = s10
        s21 = s20
        s31 = s30
      } else {
        s00 = v128.load(c0 + column)
        s01 = v128.load(c0 + column, 16)
        s10 = v128.load(c1 + column)
        s11 = v128.load(c1 + column, 16)
        s20 = v128.load(c2 + column)
        s21 = v128.load(c2 + column, 16)
        s30 = v128.load(c3 + column)
        s31 = v128.load(c3 + column, 16)
      }
      let left = block
      let right = b + column
      for (const end = block + panel; left < end; left += 16) {
        const b0 = v128.load(right)
        const b1 = v128.load(right, 16)
        right += wide
        let weight = v128.load32_splat(left)
        s00 = f32x4.add(s00, f32x4.mul(weight, b0))
        s01 = f32x4.add(s01, f32x4.mul(weight, b1))
        weight = v128.load32_splat(left, 4)
        s10 = f32x4.add(s10, f32x4.mul(weight, b0))
        s11 = f32x4.add(s11, f32x4.mul(weight, b1))
        weight = v128.load32_splat(left, 8)
        s20 = f32x4.add(s20, f32x4.mul(weight, b0))
        s21 = f32x4.add(s21, f32x4.mul(weight, b1))
        weight = v128.load32_splat(left, 12)
        s30 = f32x4.add(s30, f32x4.mul(weight, b0))
        s31 = f32x4.add(s31, f32x4.mul(weight, b1))
      }
      v128.store(c0 + column, s00)
      v128.store(c0 + column, s01, 16)
      v128.store(c1 + column, s10)
      v128.store(c1 + column, s11, 16)
      v128.store(c2 + column, s20)
      v128.store(c2 + column, s21, 16)
      v128.store(c3 + column, s30)
      v128.store(c3 + column, s31, 16)
    }
  }
}

/**
 * c[rows][columns] = Σ over steps and batch of a[step][row][·] × b[step][column][·]: a weight's gradient.
 * rows: multiple of 4; columns: any; batch: multiple of 4; strides: floats between two steps of a and of b.
 */
export function outerProduct(
  c: usize,
  a: usize,
  b: usize,
  rows: u32,
  columns: u32,
  batch: u32,
  steps: u32,
  strideA: u32,
  strideB: u32,
): void {
  const wide: usize = (<usize>batch) << 2
  const line: usize = (<usize>columns) << 2
  const stepA: usize = (<usize>strideA) << 2
  const stepB: usize = (<usize>strideB) << 2
  for (let row: u32 = 0; row < rows; row += 4) {
    for (let column: u32 = 0; column < columns; column += 2) {
      let s00 = f32x4.splat(0)
      let s01 = s00
      let s10 = s00
      let s11 = s00
      let s20 = s00
      let s21 = s00
      let s30 = s00
      let s31 = s00
      let left = a + <usize>row * wide
      let right = b + <usize>column * wide
      // A last column without a neighbour is computed twice and stored once.
      const paired = column + 1 < columns
      const next = paired ? wide : 0
      for (let step: u32 = 0; step < steps; step++) {
        const a1 = left + wide
        const a2 = a1 + wide
        const a3 = a2 + wide
        const b1 = right + next
        for (let i: usize = 0; i < wide; i += 16) {
          const x0 = v128.load(right + i)
          const x1 = v128.load(b1 + i)
          let y = v128.load(left + i)
          s00 = f32x4.add(s00, f32x4.mul(y, x0))
          s01 = f32x4.add(s01, f32x4.mul(y, x1))
          y = v128.load(a1 + i)
          s10 = f32x4.add(s10, f32x4.mul(y, x0))
          s11 = f32x4.add(s11, f32x4.mul(y, x1))
          y = v128.load(a2 + i)
          s20 = f32x4.add(s20, f32x4.mul(y, x0))
          s21 = f32x4.add(s21, f32x4.mul(y, x1))
          y = v128.load(a3 + i)
          s30 = f32x4.add(s30, f32x4.mul(y, x0))
          s31 = f32x4.add(s31, f32x4.mul(y, x1))
        }
        left += stepA
        right += stepB
      }
      const c0 = c + <usize>row * line + ((<usize>column) << 2)
      const c1 = c0 + line
      const c2 = c1 + line
      const c3 = c2 + line
      store<f32>(c0, across(s00))
      store<f32>(c1, across(s10))
      store<f32>(c2, across(s20))
      store<f32>(c3, across(s30))
      if (paired) {
        store<f32>(c0, across(s01), 4)
        store<f32>(c1, across(s11), 4)
        store<f32>(c2, across(s21), 4)
        store<f32>(c3, across(s31), 4)
      }
    }
  }
}

/** c[row] = Σ over steps and batch of a[step][row][·]: a bias's gradient. */
export function rowSums(c: usize, a: usize, rows: u32, batch: u32, steps: u32, stride: u32): void {
  const wide: usize = (<usize>batch) << 2
  for (let row: u32 = 0; row < rows; row++) {
    let even = f32x4.splat(0)
    let odd = even
    let left = a + <usize>row * wide
    for (let step: u32 = 0; step < steps; step++) {
      for (let i: usize = 0; i < wide; i += 32) {
        even = f32x4.add(even, v128.load(left + i))
        odd = f32x4.add(odd, v128.load(left + i, 16))
      }
      left += (<usize>stride) << 2
    }
    store<f32>(c + ((<usize>row) << 2), across(f32x4.add(even, odd)))
  }
}

// @ts-ignore: decorator
@inline
function across(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  )
}
