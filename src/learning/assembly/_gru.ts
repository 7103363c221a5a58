// The gated recurrent unit, reset after the product, one step for a whole batch.
// Source: Cho et al. 2014 in the variant of cuDNN and PyTorch (torch.nn.GRU):
//   r = σ(i_r + h_r), z = σ(i_z + h_z), n = tanh(i_n + r·q), q = W_hn h + b_hn, h' = (1 − z)·n + z·h.
// `gates` holds [q; r; z; n], each hidden × batch floats: before the step the sums that enter them, after it their values,
// after the way back the gradients of the sums, in place.
import { sigmoid, tangent } from './_squash'

/** h' of one step; `size` = hidden × batch, a multiple of 4. */
export function gruForward(gates: usize, before: usize, after: usize, size: u32): void {
  const wide: usize = (<usize>size) << 2
  for (let i: usize = 0; i < wide; i += 16) {
    const at = gates + i
    const q = v128.load(at)
    const r = sigmoid(v128.load(at + wide))
    const z = sigmoid(v128.load(at + 2 * wide))
    const n = tangent(f32x4.add(v128.load(at + 3 * wide), f32x4.mul(r, q)))
    v128.store(at + wide, r)
    v128.store(at + 2 * wide, z)
    v128.store(at + 3 * wide, n)
    const h = v128.load(before + i)
    v128.store(after + i, f32x4.add(n, f32x4.mul(z, f32x4.sub(h, n))))
  }
}

/** Gates → gradients of their sums; `error` (∂ loss / ∂ h') → the part of ∂ loss / ∂ h that does not go through weights. */
export function gruBackward(gates: usize, before: usize, error: usize, size: u32): void {
  const wide: usize = (<usize>size) << 2
  const one = f32x4.splat(1)
  for (let i: usize = 0; i < wide; i += 16) {
    const at = gates + i
    const q = v128.load(at)
    const r = v128.load(at + wide)
    const z = v128.load(at + 2 * wide)
    const n = v128.load(at + 3 * wide)
    const d = v128.load(error + i)
    const keep = f32x4.sub(one, z)
    const dn = f32x4.mul(f32x4.mul(d, keep), f32x4.sub(one, f32x4.mul(n, n)))
    const dz = f32x4.mul(f32x4.mul(d, f32x4.sub(v128.load(before + i), n)), f32x4.mul(z, keep))
    v128.store(at, f32x4.mul(dn, r))
    v128.store(at + wide, f32x4.mul(f32x4.mul(dn, q), f32x4.mul(r, f32x4.sub(one, r))))
    v128.store(at + 2 * wide, dz)
    v128.store(at + 3 * wide, dn)
    v128.store(error + i, f32x4.mul(d, z))
  }
}
