/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0xb27207f293b8cbee433803bb4d47bfc8932163d8bb35157f43f66a38b796c41a')
