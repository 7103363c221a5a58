/** The first screen: what this is, and the demo people with whom it can be tried. */
import { useCallback, useEffect, useState } from 'react'
import type { PersonaAnswer } from '../../api/index.ts'
import { useSettings } from '../shared/settings.tsx'
import { askNode, type Person, signInAs } from '../shared/sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'

type Offer = Pick<PersonaAnswer, 'persona' | 'name'>

export function SignInScreen({ enter }: { readonly enter: (person: Person) => void }) {
  const { words } = useSettings()
  const [offers, setOffers] = useState<readonly Offer[]>()
  const [opening, setOpening] = useState<Offer>()
  const [error, setError] = useState<unknown>()
  const look = useCallback(async (): Promise<void> => {
    try {
      setOffers((await askNode().personas()).personas)
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }, [])
  useEffect(() => {
    void look()
  }, [look])
  const open = async (offer: Offer): Promise<void> => {
    setOpening(offer)
    setError(undefined)
    try {
      enter(await signInAs(offer.persona))
    } catch (failure) {
      setError(failure)
      setOpening(undefined)
    }
  }
  return (
    <main id="content" tabIndex={-1} className="welcome">
      <h1>{words.signIn.title}</h1>
      <p className="lead">{words.signIn.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={() => void look()} />}
      <section className="card" aria-labelledby="pick">
        <h2 id="pick">{words.signIn.pick}</h2>
        <p className="quiet">{words.signIn.pickNote}</p>
        {offers?.length === 0 ? <p>{words.signIn.none}</p> : null}
        <div className="row">
          {offers?.map((offer) => (
            <button
              key={offer.persona}
              type="button"
              className="button main"
              disabled={opening !== undefined}
              onClick={() => void open(offer)}
            >
              {words.signIn.as(offer.name)}
            </button>
          ))}
        </div>
        <p role="status">{opening === undefined ? '' : words.signIn.opening(opening.name)}</p>
      </section>
      <p className="quiet">{words.noAlarm}</p>
    </main>
  )
}
