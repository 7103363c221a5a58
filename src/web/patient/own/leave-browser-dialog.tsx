/** Off this browser: what goes here, what stays at the clinic, and by which ways one comes back. Loaded when it is opened. */
import { Confirm } from '../../shared/confirm.tsx'
import type { Person } from '../sign-in.ts'
import { usePatientWords } from '../words.ts'
import { leaveBrowser, waysTo } from './forget-here.ts'

export function LeaveBrowserDialog({
  person,
  close,
  gone,
}: {
  readonly person: Person
  readonly close: () => void
  readonly gone: () => void
}) {
  const text = usePatientWords().leave
  const ways = waysTo(person).flatMap((route) => text.ways[route] ?? [])
  const go = async (): Promise<void> => {
    await leaveBrowser(person)
    gone()
  }
  return (
    <Confirm words={text} act={go} close={close} ready={ways.length > 0}>
      <p>{text.goes}</p>
      <p>{text.stays}</p>
      {ways.length === 0 ? (
        <p className="notice bad">{text.noWay}</p>
      ) : (
        <p>{text.back(ways.join(text.or))}</p>
      )}
    </Confirm>
  )
}
