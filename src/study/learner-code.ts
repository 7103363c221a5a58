/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0xef45fe33dfd3a2f71f337ee34399a6c5d5f897805762fac8923aac7a44ca2ee7')
