/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0xfae92f4b92d3403c6de6103898be8fe140ffb8af17a2f9f5df3009968eb9c241')
