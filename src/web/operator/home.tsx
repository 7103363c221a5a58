/** The screens of who runs or audits a node, in one table. */
import { lazy, Suspense } from 'react'
import { type Screen, Shell } from '../shared/shell.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Blocks } from './blocks.tsx'
import { Logs } from './logs.tsx'
import { Members } from './members.tsx'
import { useOperatorWords } from './words.ts'

const DumpCheck = lazy(async () => ({ default: (await import('./dump-check.tsx')).DumpCheck }))

export function Home({ person, leave }: { readonly person: StaffPerson; readonly leave: () => void }) {
  const { nav } = useOperatorWords()
  const screens: readonly Screen[] = [
    { name: 'node', title: nav.members, show: () => <Members person={person} /> },
    { name: 'blocks', title: nav.blocks, show: () => <Blocks person={person} /> },
    { name: 'logs', title: nav.logs, show: () => <Logs person={person} /> },
    {
      name: 'dump',
      title: nav.dump,
      show: () => (
        <Suspense fallback={null}>
          <DumpCheck person={person} />
        </Suspense>
      ),
    },
  ]
  return <Shell person={person.name} simulated screens={screens} leave={leave} />
}
