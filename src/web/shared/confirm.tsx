/** A question before something that cannot be undone: what it does, one button to do it, one to leave it. */
import type { ReactNode } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Trouble } from './trouble.tsx'
import { useAct } from './use-act.ts'

export function Confirm({
  words,
  act,
  close,
  ready = true,
  children,
}: {
  readonly words: {
    readonly title: string
    readonly confirm: string
    readonly keep: string
    /** Said while it is under way. */
    readonly going: string
  }
  readonly act: () => Promise<void>
  readonly close: () => void
  /** Whether it may be done yet. */
  readonly ready?: boolean
  readonly children: ReactNode
}) {
  const { busy, error, run } = useAct()
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!busy} onOpenChange={close}>
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title">{words.title}</Heading>
          {children}
          {error === undefined ? null : <Trouble error={error} />}
          <p role="status" className="quiet">
            {busy ? words.going : ''}
          </p>
          <div className="row">
            <button
              type="button"
              className="button danger"
              disabled={busy || !ready}
              onClick={() => run(act)}
            >
              {words.confirm}
            </button>
            <button type="button" className="button" disabled={busy} onClick={close}>
              {words.keep}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
