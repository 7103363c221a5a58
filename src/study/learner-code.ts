/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x3280d4b82a351de0f1591a31c52ce1fee9924c52a33da4154a104a41b94d6ddc')
