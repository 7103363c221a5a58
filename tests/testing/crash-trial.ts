/**
 * One crash of a whole node: load in a process of its own, kill -9 of it or of its executor at a random moment, then the
 * directory is opened again and everything that was acknowledged is looked for.
 */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import { asked, settle } from '../../benches/support/town.ts'
import { MemoryStore, projector } from '../../src/ledger/index.ts'
import { bundledChild } from '../../src/ledger/testing/bundled-child.ts'
import { type Consortium, openConsortium, openPerson } from '../../src/node/world.door.ts'
import { type Hash32, quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'
import { CUSTODIAN, crashReading, PEOPLE, READER, type Said, WINDOW } from './crash-words.ts'

export type Victim = 'node' | 'executor'

export interface CrashSite {
  /** Runs one trial; `afterMs` is the moment of the kill from the first sign of life. Gives how many deeds were acknowledged. */
  trial(victim: Victim, afterMs: number): Promise<number>
  remove(): Promise<void>
}

/** Founds a consortium with two people once; every trial gets a copy of its directory. */
export async function crashSite(): Promise<CrashSite> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-crash-'))
  const founded = join(folder, 'founded')
  const town = await openConsortium({ directory: founded })
  try {
    for (const name of PEOPLE) await settle(town, name, town.house(CUSTODIAN))
  } finally {
    await town.close()
  }
  const script = await bundledChild(new URL('./crash-child.ts', import.meta.url), 'node-crash-child')
  let trials = 0
  return {
    trial: async (victim, afterMs) => {
      trials += 1
      const directory = join(folder, `trial-${trials}`)
      await cp(founded, directory, { recursive: true })
      const said = await loadAndKill(script, directory, victim, afterMs)
      await lookFor(directory, said)
      await rm(directory, { recursive: true, force: true })
      return said.filter(({ is }) => is !== 'executor' && is !== 'anchored').length
    },
    remove: async () => {
      await rm(folder, { recursive: true, force: true })
      await rm(script, { force: true })
    },
  }
}

async function loadAndKill(
  script: string,
  directory: string,
  victim: Victim,
  afterMs: number,
): Promise<readonly Said[]> {
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const said: Said[] = []
  let executor = 0
  const lines = createInterface({ input: child.stdout })
  const ended = new Promise<void>((resolve) => lines.once('close', () => resolve()))
  const alive = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const one = parse(line)
      if (one?.is === 'executor') executor = one.pid
      else if (one !== undefined) said.push(one)
      if (one !== undefined) resolve()
    })
  })
  try {
    await Promise.race([alive, gone])
    await pause(afterMs)
    if (victim === 'executor') {
      // It must heal while the load goes on; then the whole is killed as well.
      expect(child.exitCode, 'the node ended by itself').toBe(null)
      const [killed, before] = [executor, said.length]
      process.kill(killed, 'SIGKILL')
      await expect
        .poll(() => executor !== killed && said.length > before + 5, { timeout: 120_000 })
        .toBe(true)
    }
    expect(child.exitCode, 'the node ended by itself').toBe(null)
    child.kill('SIGKILL')
    await Promise.all([gone, ended])
    return said
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

/** Opens the directory again: nothing acknowledged is lost, the chain goes on from the heads that were told. */
async function lookFor(directory: string, said: readonly Said[]): Promise<void> {
  let town = await openConsortium({ directory })
  try {
    for (const one of said) {
      if ('hash' in one)
        expect((await town.ledger.block(one.height))?.hash, `block ${one.height}`).toBe(one.hash)
    }
    await sharesStand(town, said)
    await readingsStand(town, said)
    const projected = await digest(town)
    const head = await town.ledger.head()
    await town.close()
    town = await openConsortium({ directory })
    expect(await town.ledger.block(head.height), 'the head before the second opening').toEqual(head)
    expect((await town.ledger.head()).height).toBe(head.height)
    expect(await digest(town), 'the projection rebuilt').toBe(projected)
  } finally {
    await town.close()
  }
}

async function sharesStand(town: Consortium, said: readonly Said[]): Promise<void> {
  const { chain } = town.house(CUSTODIAN)
  const store = new MemoryStore()
  await projector(town.ledger, town.deployment, store).catchUp()
  for (const one of said) {
    if (one.is !== 'granted' && one.is !== 'revoked') continue
    const { state } = await chain.consentState(one.consentId, one.signer)
    const wanted = one.is === 'revoked' ? ['REVOKED'] : ['ACTIVE', 'REVOKED']
    expect(wanted, `the consent that was ${one.is}`).toContain(state)
    expect((await store.consent(one.consentId))?.state, 'the consent in the projection').toBe(state)
  }
}

/** Every reading told as appended opens for a new reader, and every read told stands in the patient's proven log. */
async function readingsStand(town: Consortium, said: readonly Said[]): Promise<void> {
  const [custodian, reader] = [town.house(CUSTODIAN), town.house(READER)]
  const window = { from: quantity<UnixSeconds>(WINDOW.from), until: quantity<UnixSeconds>(WINDOW.until) }
  for (const name of PEOPLE) {
    const person = await openPerson(town, name, town.unlock)
    await person.agent.settle()
    const mine = said.filter((one) => 'person' in one && one.person === name)
    const { id, request } = await asked(person, custodian, reader, window)
    const { handOver } = await person.agent.grant(request, {}, { requestId: id })
    const { records } = await reader.institution.reader.read(handOver.consentId)
    const held = new Map(records.map((record) => [record.at, record]))
    for (const one of mine) {
      if (one.is !== 'appended') continue
      const wanted = crashReading(one.number)
      expect(held.get(wanted.at), `reading ${one.number} of ${name}`).toEqual(wanted)
    }
    const accesses = await person.agent.accesses()
    for (const one of mine) {
      if (one.is !== 'read') continue
      const entries = accesses.filter(
        ({ clear }) => clear.consent === one.consentId && clear.action === 'read',
      )
      expect(entries.length, 'entries of the access log for a read that was answered').toBeGreaterThan(0)
    }
    // The whole of what was said again: nothing is new, and the next reading goes in.
    const numbers = mine.flatMap((one) => (one.is === 'appended' ? [one.number] : []))
    expect((await person.agent.add(numbers.map(crashReading))).added).toBe(0)
    const next = Math.max(-1, ...numbers) + 2
    expect((await person.agent.add([crashReading(next)])).added).toBe(1)
  }
}

async function digest(town: Consortium): Promise<Hash32> {
  const store = new MemoryStore()
  await projector(town.ledger, town.deployment, store).catchUp()
  return store.digest()
}

function parse(line: string): Said | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
