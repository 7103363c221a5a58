/**
 * The offices of an institution: who holds its seat on the committee, and who reviews studies for its own site.
 *
 * Laws: neither key is the institution's own (contracts/src/interfaces/IOffices.sol); both lie encrypted in the
 * institution's directory. On this node they are demo personas: whoever has the directory can use them.
 */
import { join } from 'node:path'
import { openKeyFile, sealKeyFile, type Unlock } from '../../identity/index.ts'
import { readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import { type Signer, secp256k1Signer } from '../../ledger/index.ts'
import type { StudyChain } from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, type InstitutionId, IsletError, isIsletError } from '../../vocabulary/index.ts'

export interface Offices {
  /** Votes for the institution on the committee. */
  readonly seat: Signer
  /** Decides whether its own site takes part. */
  readonly reviewer: Signer
}

const OFFICES = ['seat', 'reviewer'] as const
const KEY_BYTES = 32

/** An institution as the chain knows it. */
export interface OfficeHolder {
  readonly id: InstitutionId
  readonly directory: string
  /** Its own ledger key, which fills the offices. */
  readonly signer: Signer
}

/** Opens the keys of an institution's offices, drawing them and filling the offices the first time. Throws `KEY_FILE_LOCKED`. */
export async function openOffices(holder: OfficeHolder, unlock: Unlock, chain: StudyChain): Promise<Offices> {
  const keyOf = async (office: (typeof OFFICES)[number]): Promise<Signer> =>
    secp256k1Signer(await secretAt(join(holder.directory, 'offices', `${office}.json`), office, unlock))
  const [seat, reviewer] = [await keyOf('seat'), await keyOf('reviewer')]
  if ((await chain.seatOf(holder.id)) === undefined) {
    const acts = chain.as(holder.signer)
    // The seat comes last: where it stands, both offices are filled.
    await acts.setBoard([reviewer.address], 1)
    await acts.seat(seat.address)
  }
  return { seat, reviewer }
}

async function secretAt(path: string, holds: string, unlock: Unlock): Promise<Bytes> {
  let text: string
  try {
    text = await readKeyFile(path)
  } catch (error) {
    if (!isIsletError(error, 'KEY_FILE_MISSING')) throw error
    const secret = nodeCrypto.cipher.random(KEY_BYTES)
    await writeKeyFile(path, await sealKeyFile(secret, { holds, unlock }, nodeCrypto))
    return secret
  }
  const opened = await openKeyFile(text, { holds, unlock }, nodeCrypto)
  if (opened.code !== 'OPENED') {
    throw new IsletError(
      opened.code,
      'the key file of an office does not open',
      {},
      { at: { file: path }, remedy: 'restore it from a backup, or let the institution fill the office anew' },
    )
  }
  return opened.secrets
}
