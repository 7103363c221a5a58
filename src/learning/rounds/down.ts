/** What goes down of the model: nothing to who holds it, the compressed step to who is one version behind, else all. */
import { fromBase64Url } from '../../vocabulary/index.ts'
import { encodeModel } from './messages.ts'
import type { RoundState } from './state.ts'

export function modelPart(state: RoundState, site: string): Uint8Array {
  const holds = state.members[site]?.holds ?? -1
  if (holds === state.version) return encodeModel('held', new Uint8Array())
  if (holds === state.version - 1) return encodeModel('step', fromBase64Url(state.step))
  return encodeModel('whole', fromBase64Url(state.model))
}
