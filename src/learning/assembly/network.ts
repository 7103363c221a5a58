// The kernel of the recurrent networks: products, cells, losses and the optimiser, called by src/learning/nets.
// Law: plain SIMD only, one fixed order of every sum; the caller lays out memory from `base()` on and refuses values that
// are not finite, so no NaN is ever written.
export { outerProduct, panels, product, rowSums } from './_products'
export { gruBackward, gruForward } from './_gru'
export { lstmBackward, lstmForward } from './_lstm'
export { pinball, squares } from './_loss'
export { adam, pull, squaredNorm } from './_adam'

/** First byte that is free for the caller, on a boundary of 64. */
export function base(): usize {
  return (__heap_base + 63) & ~63
}
