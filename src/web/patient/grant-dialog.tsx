/**
 * The grant wizard: the sentence first, then what changes it. Loaded when it is first opened.
 *
 * Law: what you see is what you sign: the sentence is made by `consent` from the very choice that is granted; only the
 * instant that it calls the start moves on until the person signs, and the receipt names that one.
 */
import { useState } from 'react'
import { Checkbox, CheckboxGroup } from 'react-aria-components/CheckboxGroup'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Label } from 'react-aria-components/Label'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import { type AccessRequest, type Agreement, narrow, type PatientAgent } from '../../consent/browser.door.ts'
import { isIsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useAct } from '../shared/use-act.ts'
import { readerName } from './reader-name.ts'
import { ACCESS_DAYS, choiceOf, firstPick, type Picked, SPANS } from './share-choice.ts'
import type { Pending } from './sharing.tsx'
import { SignedSentence } from './signed-sentence.tsx'
import { usePatientWords } from './words.ts'

export function GrantDialog({
  agent,
  pending,
  done,
  close,
}: {
  readonly agent: PatientAgent
  readonly pending: Pending
  readonly done: (words: string) => void
  readonly close: () => void
}) {
  const text = usePatientWords()
  const { body } = pending.request
  const [picked, pick] = useState<Picked>(() => firstPick(body))
  const [opened] = useState(seconds)
  const { busy, error, run } = useAct()
  const who = readerName(body)
  const agreement = agreementOf(body, picked, opened)
  const act = (work: () => Promise<string>): void => run(async () => done(await work()))
  const share = async (): Promise<string> => {
    try {
      await agent.grant(pending.request, choiceOf(body, picked, opened), { requestId: pending.id })
      return text.grant.done(who)
    } catch (failure) {
      // Signed and kept: it is sent as soon as somebody answers, and this request is not asked again.
      const kept = agent.memory.now.grants.some(({ answers }) => answers === pending.id)
      if (kept && isIsletError(failure, 'NODE_AWAY', 'PEER_SILENT', 'NO_RELAYER'))
        return text.away.granted(who)
      throw failure
    }
  }
  const decline = async (): Promise<string> => {
    await agent.decline(pending.id)
    return text.grant.declined
  }
  return (
    <ModalOverlay className="overlay" isOpen isDismissable={!busy} onOpenChange={close}>
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title">{text.grant.title(who)}</Heading>
          {agreement === undefined ? (
            <p className="notice bad">{text.grant.impossible}</p>
          ) : (
            <SignedSentence request={body} agreement={agreement} />
          )}
          <Choices request={body} picked={picked} pick={pick} />
          {error === undefined ? null : <Trouble error={error} />}
          <p role="status" className="quiet">
            {busy ? text.grant.sharing : ''}
          </p>
          <div className="row">
            <button
              type="button"
              className="button main"
              disabled={busy || agreement === undefined}
              onClick={() => act(share)}
            >
              {text.grant.share}
            </button>
            <button type="button" className="button" disabled={busy} onClick={close}>
              {text.grant.later}
            </button>
            <button type="button" className="button" disabled={busy} onClick={() => act(decline)}>
              {text.grant.decline}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function Choices({
  request,
  picked,
  pick,
}: {
  readonly request: AccessRequest
  readonly picked: Picked
  readonly pick: (picked: Picked) => void
}) {
  const { words } = useSettings()
  const text = usePatientWords()
  return (
    <>
      <RadioGroup
        className="picker"
        value={String(picked.span)}
        onChange={(value) => {
          const span = SPANS.find((one) => String(one) === value)
          if (span !== undefined) pick({ ...picked, span })
        }}
      >
        <Label>{text.grant.which}</Label>
        {SPANS.map((span) => (
          <Radio key={span} value={String(span)}>
            {span === 'asked' ? text.grant.asked : text.grant.days(span)}
          </Radio>
        ))}
      </RadioGroup>
      {request.kinds.length < 2 ? null : (
        <CheckboxGroup
          className="picker"
          value={[...picked.kinds]}
          onChange={(values) => {
            const kinds = request.kinds.filter((kind) => values.includes(kind))
            if (kinds.length > 0) pick({ ...picked, kinds })
          }}
        >
          <Label>{text.grant.kinds}</Label>
          {request.kinds.map((kind) => (
            <Checkbox key={kind} value={kind}>
              {words.kinds[kind]}
            </Checkbox>
          ))}
        </CheckboxGroup>
      )}
      <RadioGroup
        className="picker"
        value={String(picked.accessDays)}
        onChange={(value) => {
          const accessDays = ACCESS_DAYS.find((one) => String(one) === value)
          if (accessDays !== undefined) pick({ ...picked, accessDays })
        }}
      >
        <Label>{text.grant.access}</Label>
        {ACCESS_DAYS.map((days) => (
          <Radio key={days} value={String(days)}>
            {text.grant.accessDays(days)}
          </Radio>
        ))}
      </RadioGroup>
    </>
  )
}

/** Undefined where nothing of the request can be given any more. */
function agreementOf(request: AccessRequest, picked: Picked, now: UnixSeconds): Agreement | undefined {
  try {
    return narrow(request, choiceOf(request, picked, now), now)
  } catch (error) {
    if (isIsletError(error, 'WINDOW_EMPTY', 'WINDOW_AFTER_EXPIRY', 'ACCESS_EMPTY', 'NARROWING_WIDENS'))
      return undefined
    throw error
  }
}

function seconds(): UnixSeconds {
  return quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
}
