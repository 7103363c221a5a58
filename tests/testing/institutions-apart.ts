/** What holds of institutions apart, whichever ledger lies between them, and of their processes. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Apart } from '../../src/node/apart/apart.ts'
import { freshHandle, openPerson } from '../../src/node/story/person.ts'
import { storySteps } from '../../src/node/story/play.ts'
import { virtualCast } from '../../src/node/story/source.ts'
import { playOn } from '../../src/node/story/tell.ts'
import { CHARTER, THRESHOLD } from '../../src/node/world/charter.ts'
import { quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'

/** Whether a process runs; a zombie does not. */
export async function runs(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
    const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
    return !/\) [ZX] /.test(text)
  } catch {
    return false
  }
}

export async function goneWithin(pid: number, milliseconds: number): Promise<boolean> {
  for (const until = performance.now() + milliseconds; performance.now() < until; ) {
    if (!(await runs(pid))) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

/** Tells the whole story; every check in it holds. */
export async function storyHoldsOn(world: Apart): Promise<void> {
  const cast = await virtualCast(5)
  const failures: unknown[] = []
  const people = {
    person: await openPerson(world, freshHandle(), world.unlock),
    leaving: await openPerson(world, freshHandle(), world.unlock),
  }
  const played = await playOn(world, people, {
    cast,
    dumpDirectory: join(world.directory, 'dump'),
    signal: new AbortController().signal,
    failed: (error) => failures.push(error),
    watcher: {
      begun: () => undefined,
      checked: () => undefined,
      ended: () => undefined,
      counted: () => undefined,
      opened: () => undefined,
    },
  })
  const broken = played.steps.flatMap(({ name, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ what, saw }) => `${name}: ${what} (${saw})`),
  )
  expect({ broken, failures }).toEqual({ broken: [], failures: [] })
  expect(played.steps.map(({ name }) => name)).toEqual(storySteps({ simulated: true }))
  expect(played.ok).toBe(true)
}

/** Suspends a member by votes: each other one refuses it as soon as it sees the block, and no earlier; then takes it back. */
export async function suspendedIsRefused(
  world: Apart,
  member: string,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { id } = world.party(member)
  const others = CHARTER.filter(({ key }) => key !== member).map(({ key }) => key)
  const greeted = (key: string): Promise<string> =>
    world
      .party(member)
      .exchangeHeads(world.party(key).id)
      .then(
        () => 'TAKEN',
        (error: { readonly code?: string }) => error.code ?? 'UNEXPECTED',
      )
  const greetAll = async () =>
    Object.fromEntries(await Promise.all(others.map(async (key) => [key, await greeted(key)])))
  const all = (answer: string) => Object.fromEntries(others.map((key) => [key, answer]))
  /** Votes, and waits until every other one sees the block that carried the change. */
  const decided = async (kind: 'SUSPEND' | 'REINSTATE'): Promise<void> => {
    const deadline = quantity<UnixSeconds>(Math.floor(Date.now() / 1000) + 3600)
    let height = 0
    for (const key of others.slice(0, THRESHOLD)) {
      height = await world.seat(key).judge({ kind, institution: id, deadline })
    }
    for (const key of others)
      await expect.poll(() => world.ledgerHeight(key), { timeout: 60_000 }).toBeGreaterThanOrEqual(height)
  }
  expect(await greetAll()).toEqual(all('TAKEN'))
  await decided('SUSPEND')
  expect(await greetAll()).toEqual(all('PARTY_SUSPENDED'))
  await meanwhile()
  await decided('REINSTATE')
  expect(await greetAll()).toEqual(all('TAKEN'))
}
