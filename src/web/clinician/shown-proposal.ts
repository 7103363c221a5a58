/** A proposed dose as the screen reads it, out of the open form in which it travels. */
import Type, { type Static } from 'typebox'
import { Check } from 'typebox/value'

const Shown = Type.Object({
  units: Type.Number(),
  formulaUnits: Type.Number(),
  formula: Type.Object({ meal: Type.Number(), correction: Type.Number(), onBoard: Type.Number() }),
  choice: Type.String(),
  later: Type.Number(),
  lowest: Type.Number(),
  reasons: Type.Array(Type.Object({ column: Type.String(), words: Type.String(), effect: Type.Number() })),
})
export type ShownProposal = Static<typeof Shown>

/** Undefined where there is none. */
export function shownProposal(proposal: unknown): ShownProposal | undefined {
  return Check(Shown, proposal) ? proposal : undefined
}
