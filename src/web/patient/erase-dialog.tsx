/** Erase me: what goes, what stays with others, and a word to type first. Loaded when it is first opened. */
import { useState } from 'react'
import { Confirm } from '../shared/confirm.tsx'
import { forgetHere } from './own/forget-here.ts'
import type { Person } from './sign-in.ts'
import { usePatientWords } from './words.ts'

export function EraseDialog({
  person,
  close,
  gone,
}: {
  readonly person: Person
  readonly close: () => void
  readonly gone: () => void
}) {
  const text = usePatientWords().erase
  const [typed, setTyped] = useState('')
  const erase = async (): Promise<void> => {
    await person.agent.erase()
    await forgetHere(person)
    gone()
  }
  return (
    <Confirm words={text} act={erase} close={close} ready={typed.trim().toLowerCase() === text.word}>
      <p>{text.goes}</p>
      <p>{text.stays}</p>
      <label className="field">
        {text.type}
        <input value={typed} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
      </label>
    </Confirm>
  )
}
