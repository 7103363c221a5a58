/** A person and the screens around them, as the frame takes them. */

import { forgetKept } from '../shared/kept-answers.ts'
import type { SignedIn } from '../shared/role.ts'
import { Home } from './home.tsx'
import { forgetCopy } from './offline/own-copy.ts'
import type { Person } from './sign-in.ts'

export function signedInAs(person: Person): SignedIn {
  return {
    view: (leave) => <Home person={person} leave={leave} />,
    leave: () => {
      person.leave()
      forgetKept()
      void forgetCopy(person)
    },
  }
}
