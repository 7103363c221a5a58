/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x75ef54509dcf5ea9f155a040f0e2bd83b9b6f00255a155b50321b99345dd084e')
