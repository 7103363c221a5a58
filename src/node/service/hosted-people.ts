/**
 * The people whose agents this node hosts, looked after while nobody sits before it: what others left for them is heard,
 * and what follows from the ledger is done: new keys after a guardian's revoke or a suspension, further hours for writers.
 *
 * Laws: one person's trouble holds up no other; no agent is opened twice. Limit, stated: a person under their own
 * passphrase is looked after from when they opened their agent until the node stops.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { openPerson, type PersonHere } from '../story/person.ts'
import type { World } from '../world/world.ts'
import { ownFolders } from './own-person.ts'

export interface HostedPeople {
  /** Takes on somebody whose agent is open. */
  add(person: Pick<PersonHere, 'handle' | 'agent'>): void
  /** Everybody's regular work, one after the other. */
  round(): Promise<void>
}

/** Takes on the demo personas whose folders are there already; they are opened in the first round. */
export async function hostedPeople(
  world: Pick<World, 'directory' | 'chain' | 'road' | 'unlock'>,
  report: (error: unknown) => void,
): Promise<HostedPeople> {
  const people = new Map<string, Pick<PersonHere, 'agent'>>()
  const closed = new Set(await personas(world.directory))

  const openAll = async (): Promise<void> => {
    for (const handle of [...closed]) {
      closed.delete(handle)
      if (people.has(handle)) continue
      await openPerson(world, handle, world.unlock).then((person) => {
        if (!people.has(handle)) people.set(handle, person)
      }, report)
    }
  }

  return {
    add: (person) => {
      closed.delete(person.handle)
      people.set(person.handle, person)
    },
    round: async () => {
      await openAll()
      for (const { agent } of people.values()) {
        // Erased, or not enrolled yet.
        if (agent.memory.now.custodian === null) continue
        await agent.collect().catch(report)
        await agent.settle().catch(report)
      }
    },
  }
}

/** Handles of those that have no passphrase of their own. */
async function personas(dataDirectory: string): Promise<readonly string[]> {
  const own = new Set((await ownFolders(dataDirectory)).map((folder) => basename(folder)))
  const entries = await readdir(join(dataDirectory, 'patients'), { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && !own.has(entry.name)).map(({ name }) => name)
}
