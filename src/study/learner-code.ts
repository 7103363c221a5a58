/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x3c2f2bdbc67f59e743d1aa407a5e403f34d88499a04df953df29ab4a5cfc7e26')
