// One step of Adam (Kingma and Ba 2015) as torch.optim.Adam takes it, after clipping by the global norm.

/** Sum of squares in double precision, in order. */
export function squaredNorm(a: usize, size: u32): f64 {
  let sum: f64 = 0
  const end: usize = (<usize>size) << 2
  for (let i: usize = 0; i < end; i += 4) {
    const x = <f64>load<f32>(a + i)
    sum += x * x
  }
  return sum
}

/** gradient += μ·(parameters − origin) + correction: FedProx (Li et al. 2020) and SCAFFOLD (Karimireddy et al. 2020). */
export function pull(gradient: usize, parameters: usize, origin: usize, correction: usize, mu: f32, size: u32): void {
  const end: usize = (<usize>size) << 2
  for (let i: usize = 0; i < end; i += 4) {
    const away = load<f32>(parameters + i) - load<f32>(origin + i)
    store<f32>(gradient + i, load<f32>(gradient + i) + mu * away + load<f32>(correction + i))
  }
}

/**
 * Moves parameters by −rate · m̂ / (√v̂ + 1e-8), β 0.9 and 0.999.
 * factor: what the gradient is multiplied with (clipping); rate: learning rate / (1 − 0.9ᵗ); root: √(1 − 0.999ᵗ).
 */
export function adam(
  parameters: usize,
  gradient: usize,
  first: usize,
  second: usize,
  size: u32,
  factor: f32,
  rate: f32,
  root: f32,
): void {
  const end: usize = (<usize>size) << 2
  for (let i: usize = 0; i < end; i += 4) {
    const g = load<f32>(gradient + i) * factor
    const m = <f32>0.9 * load<f32>(first + i) + <f32>0.1 * g
    const v = <f32>0.999 * load<f32>(second + i) + <f32>0.001 * (g * g)
    store<f32>(first + i, m)
    store<f32>(second + i, v)
    const step = (rate * m) / (Mathf.sqrt(v) / root + <f32>1e-8)
    store<f32>(parameters + i, load<f32>(parameters + i) - step)
  }
}
