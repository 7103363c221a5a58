/**
 * Proofs of what a consortium's contracts hold, each verified before it is written.
 *
 * Law: the node is believed for nothing; a file that is written is one that verifies.
 */
import {
  type FinalityCrypto,
  type Header,
  provenWord,
  readFacts,
  type StateProof,
  type StoragePlace,
  type ToldConsent,
} from '../finality/index.ts'
import { type ConsentId, hash32, toBase64Url, toHex } from '../vocabulary/index.ts'
import { type DumpState, line, STATES } from './dump-format.ts'
import type { DumpWriter } from './dump-writer.ts'

/** What shows proofs: a node of the consortium, believed for nothing. */
export interface StateSource {
  /** Proof of a place in the state that a height left. */
  state(place: StoragePlace, height: number): Promise<StateProof>
}

export interface StateExport {
  readonly source: StateSource
  /** The header that names the state: the dump's last. */
  readonly end: Header
  readonly consents: ReadonlyMap<ConsentId, ToldConsent>
  readonly step: () => void
}

/** Writes them. Throws the refusals of `src/finality` and what the source throws. */
export async function exportStates(
  { source, end, consents, step }: StateExport,
  { hasher }: FinalityCrypto,
  writer: DumpWriter,
): Promise<void> {
  const lines: string[] = []
  await readFacts(
    consents,
    end,
    async (place) => {
      const proof = await source.state(place, end.height - 1)
      const word = provenWord(proof, place, end.appHash, hasher)
      const { contract, slot } = place
      const state: DumpState = {
        contract,
        slot: hash32(toHex(slot)),
        proof: toBase64Url(proof.inStore),
      }
      // One store holds all contracts: the way from it to the header is the same for every word.
      if (lines.length === 0) lines.push(line({ store: toBase64Url(proof.ofStore) }))
      lines.push(line(state))
      step()
      return word
    },
    hasher,
  )
  await writer.file(STATES, lines)
}
