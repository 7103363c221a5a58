// The long short-term memory cell, one step for a whole batch.
// Source: Hochreiter and Schmidhuber 1997 with forget gate (Gers et al. 2000), as torch.nn.LSTM:
//   i, f, o = σ(·), g = tanh(·), c' = f·c + i·g, h' = o·tanh(c').
// `gates` holds [i; f; g; o], each hidden × batch floats: sums before the step, values after it, gradients of the sums
// after the way back, in place. `cells` are kept per step; tanh(c') is kept in `squashed`.
import { sigmoid, tangent } from './_squash'

/** c' and h' of one step; `size` = hidden × batch, a multiple of 4. */
export function lstmForward(gates: usize, cell: usize, cellAfter: usize, squashed: usize, after: usize, size: u32): void {
  const wide: usize = (<usize>size) << 2
  for (let k: usize = 0; k < wide; k += 16) {
    const at = gates + k
    const i = sigmoid(v128.load(at))
    const f = sigmoid(v128.load(at + wide))
    const g = tangent(v128.load(at + 2 * wide))
    const o = sigmoid(v128.load(at + 3 * wide))
    v128.store(at, i)
    v128.store(at + wide, f)
    v128.store(at + 2 * wide, g)
    v128.store(at + 3 * wide, o)
    const c = f32x4.add(f32x4.mul(f, v128.load(cell + k)), f32x4.mul(i, g))
    const t = tangent(c)
    v128.store(cellAfter + k, c)
    v128.store(squashed + k, t)
    v128.store(after + k, f32x4.mul(o, t))
  }
}

/** Gates → gradients of their sums; `cellError` (∂ loss / ∂ c' from the step after) → ∂ loss / ∂ c. */
export function lstmBackward(gates: usize, cell: usize, squashed: usize, error: usize, cellError: usize, size: u32): void {
  const wide: usize = (<usize>size) << 2
  const one = f32x4.splat(1)
  for (let k: usize = 0; k < wide; k += 16) {
    const at = gates + k
    const i = v128.load(at)
    const f = v128.load(at + wide)
    const g = v128.load(at + 2 * wide)
    const o = v128.load(at + 3 * wide)
    const t = v128.load(squashed + k)
    const d = v128.load(error + k)
    const dc = f32x4.add(
      v128.load(cellError + k),
      f32x4.mul(f32x4.mul(d, o), f32x4.sub(one, f32x4.mul(t, t))),
    )
    v128.store(at, f32x4.mul(f32x4.mul(dc, g), f32x4.mul(i, f32x4.sub(one, i))))
    v128.store(at + wide, f32x4.mul(f32x4.mul(dc, v128.load(cell + k)), f32x4.mul(f, f32x4.sub(one, f))))
    v128.store(at + 2 * wide, f32x4.mul(f32x4.mul(dc, i), f32x4.sub(one, f32x4.mul(g, g))))
    v128.store(at + 3 * wide, f32x4.mul(f32x4.mul(d, t), f32x4.mul(o, f32x4.sub(one, o))))
    v128.store(cellError + k, f32x4.mul(dc, f))
  }
}
