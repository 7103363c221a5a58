/**
 * The account behind a signature, as a function that can travel: it refers to nothing outside itself, because its text
 * also runs in the threads of signature-threads.ts. One text, so that both judge alike. Pure.
 *
 * Law: only low-s signatures are accepted (EIP-2), so that a signed intent has one spelling; v is 0, 1, 27 or 28.
 * Source: SEC 1 section 4.1.6; Ethereum yellow paper, appendix F.
 */

/** Public key (65 bytes, 04 first) of a compact signature, null where there is none; throws for values off the curve. */
export type RecoverPoint = (
  digest: Uint8Array,
  signature: Uint8Array,
  recovery: 0 | 1,
  compressed: false,
) => Uint8Array | null

/** From 32 digest bytes and 65 signature bytes (r ‖ s ‖ v) to 20 account bytes, or undefined. */
export type RecoverAccount = (digest: Uint8Array, signature: Uint8Array) => Uint8Array | undefined

export function accountRecovery(
  recover: RecoverPoint,
  keccak: (message: Uint8Array) => Uint8Array,
): RecoverAccount {
  // n/2 of the curve, the largest s accepted: 0x7fffffff… (16 bytes), 5d576e73 57a4501d dfe92f46 681b20a0.
  const half = [
    0x7fffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x5d576e73, 0x57a4501d, 0xdfe92f46, 0x681b20a0,
  ]
  const isLow = (s: Uint8Array): boolean => {
    const view = new DataView(s.buffer, s.byteOffset, s.byteLength)
    for (let i = 0; i < 8; i++) {
      const word = view.getUint32(4 * i)
      const limit = half[i] ?? 0
      if (word !== limit) return word < limit
    }
    return true
  }
  return (digest, signature) => {
    if (digest.length !== 32 || signature.length !== 65) return undefined
    const v = signature[64] ?? 255
    const recovery = v >= 27 ? v - 27 : v
    if (recovery !== 0 && recovery !== 1) return undefined
    if (!isLow(signature.subarray(32, 64))) return undefined
    try {
      const point = recover(digest, signature.subarray(0, 64), recovery, false)
      return point === null ? undefined : keccak(point.subarray(1)).subarray(12)
    } catch {
      return undefined
    }
  }
}
