/** A person of one's own on the first screen: come back by passkey or code, or make a key. Loaded when it is opened. */
import { type FormEvent, useEffect, useState } from 'react'
import type { ThisNodeAnswer } from '../../../api/index.ts'
import type { RecoveryRoute } from '../../../identity/index.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import type { InstitutionId } from '../../../vocabulary/index.ts'
import { askNode } from '../../shared/node-fetch.ts'
import type { SignedIn } from '../../shared/role.ts'
import { Trouble } from '../../shared/trouble.tsx'
import { openPerson } from '../sign-in.ts'
import { signedInAs } from '../signed-in.tsx'
import { usePatientWords } from '../words.ts'
import { knownPerson } from './known-people.ts'
import { askPasskey, passkeysHere } from './passkey.ts'
import { notedWay, openWay, secretOfCode } from './ways-back.ts'

export function OwnSection({ enter }: { readonly enter: (person: SignedIn) => void }) {
  const text = usePatientWords().own
  const [custodians, setCustodians] = useState<ThisNodeAnswer['custodians']>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    askNode()
      .thisNode()
      .then((node) => setCustodians(node.custodians), setError)
  }, [])
  const act = async (work: () => Promise<SignedIn>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      enter(await work())
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  const back = async (route: RecoveryRoute, secret: Uint8Array): Promise<SignedIn> => {
    const { root, custodian } = await openWay(secret)
    const person = await openPerson(root, { name: text.me, custodian, simulated: false })
    const name = knownPerson(person.keys.identityKey)?.name ?? text.me
    notedWay({ ...person, name }, route)
    return signedInAs({ ...person, name })
  }
  const make = async (name: string, custodian: InstitutionId): Promise<SignedIn> => {
    const root = webCrypto.cipher.random(32)
    return signedInAs(await openPerson(root, { name, custodian, simulated: false, fresh: true }))
  }
  return (
    <section className="card" aria-labelledby="own-title">
      <h2 id="own-title">{text.title}</h2>
      <p className="quiet">{text.lead}</p>
      {error === undefined ? null : <Trouble error={error} />}
      <p role="status">{busy ? text.opening : ''}</p>
      <h3>{text.back}</h3>
      {passkeysHere() ? (
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => void act(async () => back('passkey', await askPasskey()))}
        >
          {text.byPasskey}
        </button>
      ) : (
        <p className="quiet">
          {text.noPasskeysHere}{' '}
          <a href={`http://localhost:${location.port}/app`}>localhost:{location.port}</a>
        </p>
      )}
      <CodeForm busy={busy} submit={(code) => act(async () => back('recovery-code', secretOfCode(code)))} />
      <h3>{text.make}</h3>
      <MakeForm
        busy={busy}
        custodians={custodians}
        submit={(name, custodian) => act(() => make(name, custodian))}
      />
    </section>
  )
}

function CodeForm({
  busy,
  submit,
}: {
  readonly busy: boolean
  readonly submit: (code: string) => Promise<void>
}) {
  const text = usePatientWords().own
  const [code, setCode] = useState('')
  const send = (event: FormEvent): void => {
    event.preventDefault()
    void submit(code)
  }
  return (
    <form onSubmit={send}>
      <label className="field">
        {text.code}
        <input
          value={code}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => setCode(target.value)}
        />
      </label>
      <button type="submit" className="button" disabled={busy || code.trim() === ''}>
        {text.byCode}
      </button>
    </form>
  )
}

function MakeForm({
  busy,
  custodians,
  submit,
}: {
  readonly busy: boolean
  readonly custodians: ThisNodeAnswer['custodians']
  readonly submit: (name: string, custodian: InstitutionId) => Promise<void>
}) {
  const text = usePatientWords().own
  const [name, setName] = useState('')
  const [picked, pick] = useState<InstitutionId>()
  const custodian = picked ?? custodians[0]?.id
  const send = (event: FormEvent): void => {
    event.preventDefault()
    if (custodian !== undefined) void submit(name.trim() === '' ? text.me : name.trim(), custodian)
  }
  return (
    <form onSubmit={send}>
      <label className="field">
        {text.label}
        <input
          value={name}
          maxLength={60}
          autoComplete="off"
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <label className="field">
        {text.custodian}
        <select
          value={custodian}
          onChange={({ target }) => pick(custodians.find(({ id }) => id === target.value)?.id)}
        >
          {custodians.map(({ id, name: called }) => (
            <option key={id} value={id}>
              {called}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="button main" disabled={busy || custodian === undefined}>
        {text.makeKey}
      </button>
    </form>
  )
}
