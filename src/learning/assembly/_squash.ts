// Sigmoid and hyperbolic tangent, four at a time, by a polynomial for the exponential: the machine's own library is asked
// nothing, so the bytes are the same everywhere. Absolute error below 3e-7.
// Source: range reduction after Cody and Waite 1980 (ln 2 in two parts); Taylor coefficients 1/k! to degree 6, whose
// remainder on |r| ≤ ln 2 / 2 is below 1.3e-7.

// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  // Beyond ±87 single precision has nothing more to say. `pmin` and `pmax` are one instruction each.
  x = f32x4.pmax(f32x4.splat(-87), f32x4.pmin(f32x4.splat(87), x))
  // Adding 1.5 × 2²³ rounds to a whole number and leaves it in the low bits.
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), f32x4.splat(12582912))
  const n = f32x4.sub(shifted, f32x4.splat(12582912))
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440054690583e-4)))
  let p = f32x4.add(f32x4.mul(f32x4.splat(1.0 / 720.0), r), f32x4.splat(1.0 / 120.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1))
  // times 2^n: n is added to the exponent's bits; p lies in 0.7–1.42 and n within ±126, so none overflows.
  return i32x4.add(p, i32x4.shl(shifted, 23))
}

// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(x))))
}

// @ts-ignore: decorator
@inline
export function tangent(x: v128): v128 {
  const one = f32x4.splat(1)
  const two = f32x4.splat(2)
  return f32x4.sub(one, f32x4.div(two, f32x4.add(one, exponential(f32x4.mul(two, x)))))
}
