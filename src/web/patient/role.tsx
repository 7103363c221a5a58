/** The patient's door: opens a demo person's agent in this browser and gives the screens around it. */
import { PERSONAS } from '../../api/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { OpenRole } from '../shared/role.ts'
import { signInAs } from './sign-in.ts'
import { signedInAs } from './signed-in.tsx'

export const open: OpenRole = async ({ persona: handle }) => {
  const persona = PERSONAS.find((one) => one === handle)
  if (persona === undefined) throw new IsletError('NO_PERSONAS_HERE', 'no such virtual person', {})
  return signedInAs(await signInAs(persona))
}
