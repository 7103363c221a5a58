/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0x20815db3a8cfbba6873c367a8baf0ec6aee4b25d65eb0b461aa85ac74ee395ef')
