/** The door of researchers and committees: opens a virtual person and gives the screens of their office. */
import type { OpenRole } from '../shared/role.ts'
import { signInStaff } from '../shared/staff-sign-in.ts'
import { Home } from './home.tsx'

export const open: OpenRole = async ({ persona, role }) => {
  const person = await signInStaff(persona)
  return {
    view: (leave) => <Home person={person} isCommittee={role === 'committee'} leave={leave} />,
    leave: () => undefined,
  }
}
