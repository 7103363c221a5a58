/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x00e6be71290e5e6dc68724ecd0535ba8339131a0ef3bc0982f97731a400aa113')
