/** The clinician's own app: panel, patient, visit, emergency; a duty officer has the last, and reviews. */
import { Reviews } from '../review/reviews.tsx'
import { useReviewWords } from '../review/words.ts'
import { type Screen, Shell } from '../shared/shell.tsx'
import type { Clinic } from './clinic.ts'
import { Emergency } from './emergency.tsx'
import { Panel } from './panel.tsx'
import { PatientPage } from './patient-page.tsx'
import { Visit } from './visit.tsx'
import { useClinicianWords } from './words.ts'

export function Home({ clinic, leave }: { readonly clinic: Clinic; readonly leave: () => void }) {
  const { nav } = useClinicianWords()
  const reading: readonly Screen[] = [
    { name: 'panel', title: nav.panel, show: () => <Panel clinic={clinic} /> },
    { name: 'patient', title: nav.patient, show: () => <PatientPage clinic={clinic} /> },
    { name: 'visit', title: nav.visit, show: () => <Visit clinic={clinic} /> },
  ]
  const emergency: Screen = {
    name: 'emergency',
    title: nav.emergency,
    show: () => <Emergency clinic={clinic} />,
  }
  const reviews: Screen = {
    name: 'reviews',
    title: useReviewWords().title,
    show: () => <Reviews person={clinic.staff} />,
  }
  const screens = clinic.reads ? [...reading, emergency] : [emergency, reviews]
  return <Shell person={clinic.person} simulated screens={screens} leave={leave} />
}
