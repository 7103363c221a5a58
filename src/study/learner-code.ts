/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x9ccced36b5d19a0a10262660c107d0af260f4e97ee86f4ea6799a3327ef16d67')
