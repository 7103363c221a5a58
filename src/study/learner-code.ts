/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x89d574f29bf80a47426523f6496fa758630d484e86110d182a8f7d1aa4d57e4c')
