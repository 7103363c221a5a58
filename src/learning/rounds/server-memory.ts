/** What the server carries from round to round, between vectors and the text of a state. */
import type { ServerMemory } from '../strategies/strategy.ts'
import type { RoundState } from './state.ts'
import { fromText, toText } from './vectors.ts'

export function memoryText({ momentum, square, variate }: ServerMemory): RoundState['memory'] {
  return {
    ...(momentum === undefined ? {} : { momentum: toText(momentum) }),
    ...(square === undefined ? {} : { square: toText(square) }),
    ...(variate === undefined ? {} : { variate: toText(variate) }),
  }
}

export function memoryVectors({ momentum, square, variate }: RoundState['memory']): ServerMemory {
  return {
    ...(momentum === undefined ? {} : { momentum: fromText(momentum) }),
    ...(square === undefined ? {} : { square: fromText(square) }),
    ...(variate === undefined ? {} : { variate: fromText(variate) }),
  }
}
