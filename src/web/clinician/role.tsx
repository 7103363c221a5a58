/** The clinician's door: opens a virtual member of staff in this browser and gives the screens around them. */
import type { OpenRole } from '../shared/role.ts'
import { openClinic } from './clinic.ts'
import { Home } from './home.tsx'

export const open: OpenRole = async ({ persona }) => {
  const clinic = await openClinic(persona)
  return { view: (leave) => <Home clinic={clinic} leave={leave} />, leave: () => undefined }
}
