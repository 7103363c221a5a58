/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0xc5c121af4db6f0af577150c24072157ead55d7e2e6657ca44ec6935300a9c2c2')
