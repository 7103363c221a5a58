/**
 * A person's own vouchers: key and salt, sealed in the person's folder under what opens the folder's keys.
 *
 * Law: a voucher is on disk before anybody hears of its commitment; it is the person's alone.
 */
import { join } from 'node:path'
import { openKeyFile, sealKeyFile, type Unlock } from '../../identity/index.ts'
import { readKeyFile, writeKeyFile } from '../../identity/key-file.door.ts'
import { bearerOf, drawVoucher, type OwnVoucher, type VoucherPlace } from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, concat, hash32, IsletError, isIsletError, toHex } from '../../vocabulary/index.ts'

const HOLDS = 'voucher'
const SECRET_BYTES = 32

/** Where a person's voucher of a study at a site lies. */
function voucherPath(directory: string, { study, site }: VoucherPlace): string {
  return join(directory, 'vouchers', `${study.slice(2)}-${site.slice(2)}.json`)
}

/** Draws a voucher and keeps it in the person's folder. */
export async function makeVoucher(
  directory: string,
  place: VoucherPlace,
  unlock: Unlock,
): Promise<OwnVoucher> {
  const drawn: Uint8Array[] = []
  const own = drawVoucher(place, (length) => {
    const bytes = nodeCrypto.cipher.random(length)
    drawn.push(bytes)
    return bytes
  })
  const sealed = await sealKeyFile(concat(...drawn), { holds: HOLDS, unlock }, nodeCrypto)
  await writeKeyFile(voucherPath(directory, place), sealed)
  return own
}

/** The voucher that was kept, if there is one. Throws `KEY_FILE_LOCKED`, `KEY_FILE_DAMAGED`. */
export async function readVoucher(
  directory: string,
  place: VoucherPlace,
  unlock: Unlock,
): Promise<OwnVoucher | undefined> {
  const secrets = await secretsAt(voucherPath(directory, place), unlock)
  if (secrets === undefined) return undefined
  const [privateKey, salt] = [secrets.slice(0, SECRET_BYTES), secrets.slice(SECRET_BYTES)]
  return { voucher: { ...place, bearer: bearerOf(privateKey), salt: hash32(toHex(salt)) }, privateKey }
}

async function secretsAt(path: string, unlock: Unlock): Promise<Bytes | undefined> {
  let text: string
  try {
    text = await readKeyFile(path)
  } catch (error) {
    if (isIsletError(error, 'KEY_FILE_MISSING')) return undefined
    throw error
  }
  const opened = await openKeyFile(text, { holds: HOLDS, unlock }, nodeCrypto)
  if (opened.code === 'OPENED') return opened.secrets
  throw new IsletError(opened.code, 'a voucher does not open', {}, { at: { file: path } })
}
