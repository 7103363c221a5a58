/** Stop sharing: what stops now, what cannot be undone, and then how far it has come. Loaded when it is first opened. */
import { useState } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import type { GrantState, PatientAgent } from '../../consent/browser.door.ts'
import { Trouble } from '../shared/trouble.tsx'
import { readerName } from './reader-name.ts'
import { usePatientWords } from './words.ts'

export function StopDialog({
  agent,
  grant,
  done,
  close,
}: {
  readonly agent: PatientAgent
  readonly grant: GrantState
  readonly done: (words: string) => void
  readonly close: () => void
}) {
  const text = usePatientWords()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const who = readerName(grant.handOver)
  const stop = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const outcome = await agent.revoke(grant.handOver.consentId)
      done(outcome === 'on-ledger' ? text.stop.onLedger(who) : text.stop.onItsWay(who))
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!busy} onOpenChange={close}>
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <Heading slot="title">{text.stop.title(who)}</Heading>
          <p>{text.stop.stopsNow}</p>
          <p>{text.stop.cannot}</p>
          {error === undefined ? null : <Trouble error={error} />}
          <p role="status" className="quiet">
            {busy ? text.stop.going : ''}
          </p>
          <div className="row">
            <button type="button" className="button danger" disabled={busy} onClick={() => void stop()}>
              {text.stop.confirm}
            </button>
            <button type="button" className="button" disabled={busy} onClick={close}>
              {text.stop.keep}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
