/** The code that trains here: made by scripts/learner-code.mjs, held against the sources by `npm run check`. */
import { hash32 } from '../vocabulary/index.ts'

export const LEARNER_CODE = hash32('0xbe146e01d0d2dcc5868925a7fdc8f1c6b7c50da270c11fc2210c14272fd544be')
