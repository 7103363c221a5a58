/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x55e2f511d5cd9e0c964ac69050a46ccf696ad1147814d1ad80db0cc6d695b5d8')
