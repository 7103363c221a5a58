/** Makes ways back and has each used once before it counts. Loaded when it is first opened. */
import { type FormEvent, useState } from 'react'
import { drawRecoverySecret, formatRecoveryCode, type RecoveryRoute } from '../../../identity/index.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import { Trouble } from '../../shared/trouble.tsx'
import type { Person } from '../sign-in.ts'
import { usePatientWords } from '../words.ts'
import { knownPerson } from './known-people.ts'
import { askPasskey, makePasskey, passkeysHere } from './passkey.ts'
import { leaveWay, proveWay, readiness, secretOfCode } from './ways-back.ts'

export function WaysBackForm({ person }: { readonly person: Person }) {
  const text = usePatientWords().keys
  const [code, setCode] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [said, say] = useState('')
  const act = async (work: () => Promise<string>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      say(await work())
    } catch (failure) {
      say('')
      setError(failure)
    }
    setBusy(false)
  }
  const makeCode = async (): Promise<string> => {
    const secret = drawRecoverySecret(webCrypto.cipher.random)
    await leaveWay(person, secret)
    setCode(formatRecoveryCode(secret))
    return ''
  }
  const proveCode = async (typed: string): Promise<string> => {
    await proveWay(person, 'recovery-code', secretOfCode(typed))
    setCode(undefined)
    return text.codeDone
  }
  const passkey = async (): Promise<string> => {
    await leaveWay(person, await makePasskey(person.name))
    await proveWay(person, 'passkey', await askPasskey())
    return text.passkeyDone
  }
  const ways = knownPerson(person.keys.identityKey)?.ways ?? []
  const state = (route: RecoveryRoute): string => (ways.includes(route) ? text.tried : text.notTried)
  const ready = readiness(person).ready
  return (
    <>
      <p className={ready ? 'notice good' : 'notice bad'} role="status" data-testid="ways">
        {ready ? text.ready : text.notReady}
      </p>
      {error === undefined ? null : <Trouble error={error} />}
      <p role="status">{busy ? text.working : said}</p>
      <section className="card" aria-labelledby="code-title">
        <h2 id="code-title">{text.code}</h2>
        <p>
          {text.codeLead} <strong>{state('recovery-code')}</strong>
        </p>
        {code === undefined ? (
          <button
            type="button"
            className={ready ? 'button' : 'button main'}
            disabled={busy}
            onClick={() => void act(makeCode)}
          >
            {text.codeMake}
          </button>
        ) : (
          <CodeTrial code={code} busy={busy} submit={(typed) => act(() => proveCode(typed))} />
        )}
      </section>
      <section className="card" aria-labelledby="passkey-title">
        <h2 id="passkey-title">{text.passkey}</h2>
        <p>
          {text.passkeyLead} <strong>{state('passkey')}</strong>
        </p>
        {passkeysHere() ? (
          <button
            type="button"
            className={ready ? 'button' : 'button main'}
            disabled={busy}
            onClick={() => void act(passkey)}
          >
            {text.passkeyMake}
          </button>
        ) : (
          <NoPasskeys />
        )}
      </section>
    </>
  )
}

/** The same page under a name, which passkeys need. */
function NoPasskeys() {
  const text = usePatientWords().own
  return <p className="notice">{text.noPasskeysHere}</p>
}

function CodeTrial({
  code,
  busy,
  submit,
}: {
  readonly code: string
  readonly busy: boolean
  readonly submit: (typed: string) => Promise<void>
}) {
  const text = usePatientWords().keys
  const [typed, setTyped] = useState('')
  const send = (event: FormEvent): void => {
    event.preventDefault()
    void submit(typed)
  }
  return (
    <form onSubmit={send}>
      <p>{text.codeWrite}</p>
      <p className="code" data-testid="code">
        {code}
      </p>
      <label className="field">
        {text.codeType}
        <input
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
      <button type="submit" className="button main" disabled={busy || typed.trim() === ''}>
        {text.codeTry}
      </button>
    </form>
  )
}
