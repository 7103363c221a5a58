/**
 * How many bytes the sites of a study sent each other: their updates, and the models that came of them, where they lie here.
 *
 * Law: counted by the hashes that the ledger has of them, once for a round that is over; what lies elsewhere counts nothing.
 */
import type { StudyDocument } from '../../api/documents.door.ts'
import type { StudyStandingAnswer } from '../../api/index.ts'
import type { Hash32 } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'

type Bytes = StudyStandingAnswer['bytes']

/** Gives the bytes of all rounds of a study so far. */
export function studyBytes(): (desk: StudyDesk, study: StudyDocument) => Promise<Bytes> {
  const known = new Map<string, Bytes>()
  return async (desk, { study, rounds }) => {
    let total: Bytes = { updates: 0, models: 0 }
    for (const { round, model_hash: model } of rounds) {
      const name = `${study}:${round}`
      const bytes = known.get(name) ?? (await bytesOfRound(desk, study, round, model))
      if (model !== null) known.set(name, bytes)
      total = { updates: total.updates + bytes.updates, models: total.models + bytes.models }
    }
    return total
  }
}

async function bytesOfRound(
  { chain, shelvesOf }: StudyDesk,
  study: Hash32,
  number: number,
  model: Hash32 | null,
): Promise<Bytes> {
  const { objects, earlier } = await shelvesOf(study)
  const sizeOf = async (hash: Hash32 | undefined | null): Promise<number> =>
    hash == null ? 0 : (((await objects.get(hash)) ?? (await earlier.get(hash)))?.length ?? 0)
  const round = await chain.round(study, number)
  let updates = 0
  for (const site of round?.cohorts ?? []) {
    updates += await sizeOf((await chain.contribution(study, number, site)).update)
  }
  return { updates, models: await sizeOf(model) }
}
