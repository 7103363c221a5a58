/** Erase me: what goes, what stays with others, and a word to type first. Loaded when it is first opened. */
import { useState } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Trouble } from '../shared/trouble.tsx'
import { forgetPerson } from './own/known-people.ts'
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
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const erase = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await person.agent.erase()
      forgetPerson(person.keys.identityKey)
      gone()
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!busy} onOpenChange={close}>
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title">{text.title}</Heading>
          <p>{text.goes}</p>
          <p>{text.stays}</p>
          <label className="field">
            {text.type}
            <input value={typed} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
          </label>
          {error === undefined ? null : <Trouble error={error} />}
          <p role="status" className="quiet">
            {busy ? text.going : ''}
          </p>
          <div className="row">
            <button
              type="button"
              className="button danger"
              disabled={busy || typed.trim().toLowerCase() !== text.word}
              onClick={() => void erase()}
            >
              {text.confirm}
            </button>
            <button type="button" className="button" disabled={busy} onClick={close}>
              {text.keep}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
