import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorDocument } from '../../api/documents.door.ts'
import { sealKeyFile } from '../../identity/index.ts'
import { encodeRecord, RECORDS_START } from '../../journal/index.ts'
import { EMBEDDED_CHAIN, encodeGenesis } from '../../ledger/index.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { address, hash32 } from '../../vocabulary/index.ts'
import { ranHere } from './testing/ran-here.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'islet-doctor-'))
  mkdirSync(join(folder, 'ledger'), { recursive: true })
  mkdirSync(join(folder, 'institutions/north'), { recursive: true })
  const unlock = { nodeKey: nodeCrypto.cipher.random(32) }
  const keys = await sealKeyFile(nodeCrypto.cipher.random(32), { holds: 'institution', unlock }, nodeCrypto)
  writeFileSync(join(folder, 'institutions/north/keys.json'), keys)
  writeFileSync(join(folder, 'ledger/journal'), journal())
})
afterAll(() => rmSync(folder, { recursive: true }))

function journal(): Uint8Array {
  const genesis = encodeGenesis({
    ...EMBEDDED_CHAIN,
    genesisHash: hash32(`0x${'ab'.repeat(32)}`),
    operator: address(`0x${'cd'.repeat(20)}`),
  })
  return encodeRecord(RECORDS_START, genesis).bytes
}

async function doctor(): Promise<{ code: number; document: DoctorDocument }> {
  const { code, out } = await ranHere(['doctor', '--data', folder, '--json'])
  return { code, document: JSON.parse(out) }
}

const named = (document: DoctorDocument, name: string) => document.checks.find((check) => check.name === name)

describe('islet doctor', () => {
  it('looks into the data directory', async () => {
    const { document } = await doctor()
    expect(named(document, 'journal')).toMatchObject({ ok: true, saw: expect.stringContaining('0 blocks') })
    expect(named(document, 'keys')).toMatchObject({ ok: true, saw: expect.stringContaining('1 key files') })
    expect(named(document, 'engine')).toMatchObject({ ok: true })
  })

  it('says which process runs a node there', async () => {
    const lock = await lockDataDirectory(folder)
    const { document } = await doctor()
    await lock.release()
    expect(named(document, 'in use')?.saw).toContain(String(process.pid))
  })

  it('finds a damaged journal and a damaged key file, and says how to mend them', async () => {
    const whole = journal()
    const bitten = Uint8Array.from(whole)
    bitten[whole.length - 3] = (bitten[whole.length - 3] ?? 0) ^ 1
    // A whole record behind the damaged one: no torn end, but damage.
    writeFileSync(join(folder, 'ledger/journal'), Buffer.concat([bitten, whole]))
    mkdirSync(join(folder, 'patients/anna'), { recursive: true })
    writeFileSync(join(folder, 'patients/anna/keys.json'), '{"schema":"islet.key-file/1"')
    const { code, document } = await doctor()
    expect(code).toBe(1)
    expect(named(document, 'journal')).toMatchObject({
      ok: false,
      remedy: expect.stringContaining('islet restore'),
    })
    expect(named(document, 'keys')).toMatchObject({ ok: false })
  })

  it('finds the port taken', async () => {
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(8080, '127.0.0.1', () => resolve(true))
    })
    const { document } = await doctor()
    if (free) await new Promise((resolve) => server.close(resolve))
    expect(named(document, 'port')).toMatchObject({ ok: false, saw: expect.stringContaining('8080') })
  })
})
