/** Where lies are planted: one dump of one story, copied and spoiled again and again. */
import { rm } from 'node:fs/promises'
import type { SignedHead } from '../../../ledger/index.ts'
import { quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import type { Finding, FindingCode } from '../../finding.ts'
import { verifyDump } from '../../verify-dump.ts'
import { Forger } from '../forger.ts'
import { rememberingReplayer } from '../replayer.ts'
import type { Story } from '../story.ts'

/** A lie, and exactly the codes it is found by. */
export interface Planted {
  readonly name: string
  readonly codes: readonly FindingCode[]
  readonly spoil: (forger: Forger) => Promise<void>
}

export interface Scene {
  readonly story: Story
  /** The honest dump. */
  readonly dump: string
  findingsOf(folder: string, anchors?: readonly SignedHead[]): Promise<readonly Finding[]>
  /** Codes that a verification finds, each once, sorted. */
  codesOf(folder: string, anchors?: readonly SignedHead[]): Promise<readonly FindingCode[]>
  /** Spoils a copy, makes the manifest fit, and says what is found. */
  foundAfter(spoil: Planted['spoil']): Promise<readonly FindingCode[]>
}

/** `set`: what `beforeAll` makes, asked for when a test runs. */
export function sceneOf(set: () => { readonly story: Story; readonly dump: string }): Scene {
  const replayer = rememberingReplayer()
  const findingsOf: Scene['findingsOf'] = async (folder, anchors = []) => {
    const now = (): UnixSeconds => quantity<UnixSeconds>(set().story.place.now)
    return (await verifyDump(folder, { anchors, now, replayer })).findings
  }
  const codesOf: Scene['codesOf'] = async (folder, anchors) =>
    [...new Set((await findingsOf(folder, anchors)).map(({ code }) => code))].toSorted()
  return {
    get story() {
      return set().story
    },
    get dump() {
      return set().dump
    },
    findingsOf,
    codesOf,
    foundAfter: async (spoil) => {
      const forger = await Forger.of(set().dump)
      await spoil(forger)
      await forger.reseal()
      const codes = await codesOf(forger.dump)
      await rm(forger.dump, { recursive: true })
      return codes
    },
  }
}
