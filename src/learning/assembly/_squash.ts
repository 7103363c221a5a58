// Sigmoid and hyperbolic tangent, four at a time, by a polynomial for the exponential: the machine's own library is asked
// nothing, so the bytes are the same everywhere. Absolute error below 3e-7.
// Source: range reduction after Cody and Waite 1980 (ln 2 in two parts); Taylor coefficients 1/k! to degree 7, whose
// remainder on |r| ≤ ln 2 / 2 is below 6e-9.

// @ts-ignore: decorator
@inline
function exponential(x: v128): v128 {
  // Beyond ±87 single precision has nothing more to say.
  x = f32x4.max(f32x4.min(x, f32x4.splat(87)), f32x4.splat(-87))
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634)))
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440054690583e-4)))
  let p = f32x4.splat(1.0 / 5040.0)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 720.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 120.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6.0))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1))
  // 2^n by its exponent bits: n lies within ±126.
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(p, power)
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
