/** The screens of a researcher and of a committee member in one table each. */
import { lazy, Suspense } from 'react'
import { useReviewWords } from '../review/words.ts'
import { type Screen, Shell } from '../shared/shell.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Registry } from './registry.tsx'
import { Studies } from './studies.tsx'
import { useResearchWords } from './words.ts'

const Reviews = lazy(async () => ({ default: (await import('../review/reviews.tsx')).Reviews }))
const NewStudy = lazy(async () => ({ default: (await import('./new-study.tsx')).NewStudy }))
const PassportCheck = lazy(async () => ({ default: (await import('./passport-check.tsx')).PassportCheck }))

export function Home({
  person,
  isCommittee,
  leave,
}: {
  readonly person: StaffPerson
  readonly isCommittee: boolean
  readonly leave: () => void
}) {
  const { nav } = useResearchWords()
  const reviews = useReviewWords()
  const screens: readonly Screen[] = [
    {
      name: 'studies',
      title: isCommittee ? nav.review : nav.studies,
      show: () => <Studies person={person} isCommittee={isCommittee} />,
    },
    ...(isCommittee
      ? [
          {
            name: 'reviews',
            title: reviews.title,
            show: () => (
              <Suspense fallback={null}>
                <Reviews person={person} />
              </Suspense>
            ),
          },
        ]
      : [
          {
            name: 'new',
            title: nav.new,
            show: () => (
              <Suspense fallback={null}>
                <NewStudy person={person} />
              </Suspense>
            ),
          },
        ]),
    { name: 'models', title: nav.models, show: () => <Registry person={person} /> },
    {
      name: 'check',
      title: nav.check,
      show: () => (
        <Suspense fallback={null}>
          <PassportCheck />
        </Suspense>
      ),
    },
  ]
  return <Shell person={person.name} simulated screens={screens} leave={leave} />
}
