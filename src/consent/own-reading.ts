/**
 * The patient reads their own records: asked of the custodian like any read, logged like any read, opened with R.
 *
 * Law: what the patient sees is verified as a reader's is; an hour that does not open or does not lie under its root on
 * the ledger comes back as such, never left out silently.
 */
import type { HourWindow, InstitutionId, Kind } from '../vocabulary/index.ts'
import type { CoverSource } from './cover-sealing.ts'
import { fetchPages, type HolderPorts, openPages, type Reading } from './holder.ts'

/** Fetches, verifies and opens a window of some kinds. Throws the custodian's code. */
export async function readOwn(
  ports: HolderPorts,
  own: { readonly custodian: InstitutionId; readonly stream: Uint8Array; readonly covers: CoverSource },
  kinds: readonly Kind[],
  window: HourWindow,
): Promise<Reading> {
  const pages = await fetchPages(ports, own.custodian, {
    actor: { type: 'institution' },
    action: 'read',
    purpose: 'PATRQT',
    kinds: [...kinds],
    window,
    history: false,
    have: 0,
  })
  return openPages(ports, { custodian: own.custodian, kinds, window }, own.stream, own.covers, pages)
}
