/** The first screen: what this is, and the demo people of each role with whom it can be tried. */
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { type Offer, PERSONA_ROLES } from '../../api/index.ts'
import { askNode } from './node-fetch.ts'
import type { OpenRole, SignedIn } from './role.ts'
import { useSettings } from './settings.tsx'
import { Trouble } from './trouble.tsx'

export function SignInScreen({
  open,
  own,
  enter,
}: {
  readonly open: OpenRole
  /** A person of one's own: back by their key, or with a new one. */
  readonly own: (enter: (person: SignedIn) => void) => ReactNode
  readonly enter: (person: SignedIn) => void
}) {
  const { words } = useSettings()
  const [offers, setOffers] = useState<readonly Offer[]>()
  const [opening, setOpening] = useState<Offer>()
  const [error, setError] = useState<unknown>()
  const [owning, setOwning] = useState(false)
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
  const choose = async (offer: Offer): Promise<void> => {
    setOpening(offer)
    setError(undefined)
    try {
      enter(await open(offer))
    } catch (failure) {
      setError(failure)
      setOpening(undefined)
    }
  }
  const roles = PERSONA_ROLES.filter((role) => offers?.some((offer) => offer.role === role))
  return (
    <main id="content" tabIndex={-1} className="welcome">
      <h1>{words.signIn.title}</h1>
      <p className="lead">{words.signIn.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={() => void look()} />}
      <section className="card" aria-labelledby="pick">
        <h2 id="pick">{words.signIn.pick}</h2>
        <p className="quiet">{words.signIn.pickNote}</p>
        {offers?.length === 0 ? <p>{words.signIn.none}</p> : null}
        {roles.map((role) => (
          <section key={role} aria-labelledby={`pick-${role}`}>
            <h3 id={`pick-${role}`}>{words.signIn.roles[role]}</h3>
            <div className="row">
              {offers
                ?.filter((offer) => offer.role === role)
                .map((offer) => (
                  <button
                    key={offer.persona}
                    type="button"
                    className="button main"
                    disabled={opening !== undefined}
                    onClick={() => void choose(offer)}
                  >
                    {words.signIn.as(offer.name)}
                  </button>
                ))}
            </div>
          </section>
        ))}
        <p role="status">{opening === undefined ? '' : words.signIn.opening(opening.name)}</p>
      </section>
      {owning ? (
        own(enter)
      ) : (
        <p>
          <button type="button" className="button" onClick={() => setOwning(true)}>
            {words.signIn.own}
          </button>
        </p>
      )}
      <p className="quiet">{words.noAlarm}</p>
    </main>
  )
}
