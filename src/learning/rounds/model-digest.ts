/** The name of a model: SHA-256 of its little-endian float32 bytes, hex. */
import { fromBase64Url, toHex } from '../../vocabulary/index.ts'
import { type MaskSuite, nobleMaskSuite } from '../masking/suite.ts'

export function modelDigest(text: string, { digest }: Pick<MaskSuite, 'digest'> = nobleMaskSuite): string {
  return toHex(digest(fromBase64Url(text)))
}
