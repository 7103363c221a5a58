/** Ten institutions on one ledger in a directory of their own, people in it, and grants between them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ask, SignedRequest } from '../../src/consent/index.ts'
import {
  type Consortium,
  type Hosted,
  openConsortium,
  openPerson,
  type PersonHere,
} from '../../src/node/world.door.ts'
import { quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'

const WEEK = 7 * 86_400

/** Opens a consortium in a fresh directory for some work, and removes both after it. */
export async function inTown<T>(work: (town: Consortium) => Promise<T>, slotMinutes = 60): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  try {
    const town = await openConsortium({ directory, slotMinutes })
    try {
      return await work(town)
    } finally {
      await town.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A person with keys of their own, enrolled at a custodian. */
export async function settle(town: Consortium, name: string, custodian: Hosted): Promise<PersonHere> {
  const person = await openPerson(town, name, town.unlock)
  await person.agent.enrol(custodian.id)
  return person
}

/** Has a reader ask a person for glucose of a window; gives what waits in the person's mailbox. */
export async function asked(
  person: PersonHere,
  custodian: Hosted,
  reader: Hosted,
  window: Pick<Ask, 'from' | 'until'>,
  actions: Ask['actions'] = ['read'],
): Promise<{ readonly id: string; readonly request: SignedRequest }> {
  const mailbox = await person.agent.openMailbox(reader.name)
  const asking = await reader.institution.reader.ask(
    { custodian: custodian.id, mailbox },
    {
      readerName: reader.name,
      subject: { type: 'institution' },
      hpkePublicKey: reader.keys.hpke.publicKey,
      kinds: ['glucose'],
      actions,
      purposes: ['TREAT'],
      ...window,
      expiresAt: quantity<UnixSeconds>(Math.max(Math.floor(Date.now() / 1000), window.until) + WEEK),
    },
    reader.chain,
  )
  const { requests } = await person.agent.collect()
  const found = requests.find(({ request }) => request.body.salt === asking.salt)
  if (found === undefined) throw new Error('the request did not arrive')
  return found
}
