/** The door of operators and auditors. */
import type { OpenRole } from '../shared/role.ts'
import { signInStaff } from '../shared/staff-sign-in.ts'
import { Home } from './home.tsx'

export const open: OpenRole = async ({ persona }) => {
  const person = await signInStaff(persona)
  return { view: (leave) => <Home person={person} leave={leave} />, leave: () => undefined }
}
