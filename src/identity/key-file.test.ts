import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { webCrypto } from '../vault/web-cipher.door.ts'
import { canonicalJson, concat, fromBase64Url, toBase64Url, toHex, utf8 } from '../vocabulary/index.ts'
import {
  decodeInstitutionSecrets,
  drawInstitutionSecrets,
  encodeInstitutionSecrets,
} from './institution-keys.ts'
import { nodeKey, readKeyFile, writeKeyFile } from './key-file.door.ts'
import { isPersonaFile, openKeyFile, PASSPHRASE_COST, sealKeyFile } from './key-file.ts'

const root = new Uint8Array(32).fill(11)
const cost = { memoryKib: 8 * 1024, iterations: 1 }
const unlock = { passphrase: 'a passphrase, ünïcode' }
const personaKey = { nodeKey: new Uint8Array(32).fill(1) }
const seal = () => sealKeyFile(root, { holds: 'patient', unlock, cost }, nodeCrypto)
const open = (text: string, how: Parameters<typeof openKeyFile>[1]['unlock'] = unlock) =>
  openKeyFile(text, { holds: 'patient', unlock: how }, nodeCrypto)

describe('a key file', () => {
  it('opens with its passphrase, in browser and server, and holds the secrets nowhere in clear', async () => {
    const text = await sealKeyFile(root, { holds: 'patient', unlock, cost }, webCrypto)
    expect(await open(text)).toEqual({ code: 'OPENED', secrets: root, persona: false })
    for (const spelling of [
      toHex(root).slice(2),
      Buffer.from(root).toString('base64'),
      Buffer.from(root).toString('base64url'),
    ]) {
      expect(text).not.toContain(spelling)
    }
    expect(text).not.toContain('passphrase,')
  })

  it('takes a passphrase however its letters were composed', async () => {
    expect((await open(await seal(), { passphrase: unlock.passphrase.normalize('NFD') })).code).toBe('OPENED')
  })

  it('stays locked under another passphrase, and under a node key', async () => {
    const text = await seal()
    expect(await open(text, { passphrase: 'another' })).toEqual({ code: 'KEY_FILE_LOCKED' })
    expect(await open(text, personaKey)).toEqual({ code: 'KEY_FILE_LOCKED' })
  })

  it('of a persona says so, opens under its node key alone, and cannot be relabelled', async () => {
    const text = await sealKeyFile(root, { holds: 'patient', unlock: personaKey }, nodeCrypto)
    expect(isPersonaFile(text)).toBe(true)
    expect(isPersonaFile(await seal())).toBe(false)
    expect(await open(text, personaKey)).toEqual({ code: 'OPENED', secrets: root, persona: true })
    expect(await open(text, { nodeKey: new Uint8Array(32) })).toEqual({ code: 'KEY_FILE_LOCKED' })
    expect(await open(text, unlock)).toEqual({ code: 'KEY_FILE_LOCKED' })
    expect(await open(text.replace('"persona": true', '"persona": false'), personaKey)).toEqual({
      code: 'KEY_FILE_DAMAGED',
    })
  })

  it('is damaged, not locked, once any character of it changed', async () => {
    const text = await seal()
    const file: Record<string, unknown> = JSON.parse(text)
    const derivation = { name: 'argon2id', ...cost, salt: 'AAAAAAAAAAAAAAAAAAAAAA' }
    const changes: Record<string, unknown>[] = [
      { holds: 'institution' },
      { schema: 'islet.key-file/2' },
      { persona: true },
      { verifier: 'AAAAAAAAAAAAAAAAAAAAAA' },
      { nonce: 'AAAAAAAAAAAAAAAA' },
      { nonce: 'AAAA' },
      { sealed: 'AAAA' },
      { sealed: 7 },
      { check: '' },
      { derivation },
      { derivation: { ...derivation, name: 'none' } },
      { derivation: null },
    ]
    for (const change of changes) {
      expect(await open(JSON.stringify({ ...file, ...change }))).toEqual({ code: 'KEY_FILE_DAMAGED' })
    }
    for (const wrong of ['', 'x', '{}', '[]', 'null', text.slice(0, -30), ' '.repeat(70_000)]) {
      expect(await open(wrong)).toEqual({ code: 'KEY_FILE_DAMAGED' })
    }
  })

  it('whose secrets were replaced and whose sum was made to fit does not open', async () => {
    const [one, two]: Record<string, unknown>[] = [JSON.parse(await seal()), JSON.parse(await seal())]
    const { check: _, sealed: __, ...head } = one ?? {}
    const sealed = two?.['sealed']
    const spoiled = JSON.parse(JSON.stringify(head))
    const check = toBase64Url(
      nodeCrypto.hasher.sha256(concat(utf8(canonicalJson(spoiled)), fromBase64Url(String(sealed)))),
    )
    expect(await open(JSON.stringify({ ...head, sealed, check }))).toEqual({ code: 'KEY_FILE_DAMAGED' })
  })

  it('cannot make the reader spend more than 256 MiB and 10 passes, and refuses to be written weaker than 8 MiB', async () => {
    const { check: _, sealed, ...head } = JSON.parse(await seal())
    /** The file of someone who recomputes its sum: only the bounds stand between it and the machine. */
    const plant = (change: object): string => {
      const changed = { ...head, derivation: { ...head.derivation, ...change } }
      const sum = nodeCrypto.hasher.sha256(concat(utf8(canonicalJson(changed)), fromBase64Url(sealed)))
      return JSON.stringify({ ...changed, sealed, check: toBase64Url(sum) })
    }
    expect((await open(plant({}))).code).toBe('OPENED')
    expect(await open(plant({ iterations: 2 }))).toEqual({ code: 'KEY_FILE_LOCKED' })
    // Were one of these derived with, its memory would not be given, or its passes outlast the test.
    for (const planted of [
      { memoryKib: 16 * 1024 * 1024 },
      { iterations: 1_000_000 },
      { memoryKib: 0 },
      { memoryKib: -1 },
      { iterations: 1.5 },
      { memoryKib: '9000' },
    ]) {
      expect(await open(plant(planted))).toEqual({ code: 'KEY_FILE_DAMAGED' })
    }
    const weak = sealKeyFile(
      root,
      { holds: 'patient', unlock, cost: { memoryKib: 64, iterations: 1 } },
      nodeCrypto,
    )
    await expect(weak).rejects.toMatchObject({ code: 'PASSPHRASE_COST_OUT_OF_RANGE' })
    await expect(
      sealKeyFile(root, { holds: 'patient', unlock: { passphrase: '' }, cost }, nodeCrypto),
    ).rejects.toMatchObject({ code: 'PASSPHRASE_EMPTY' })
    expect(PASSPHRASE_COST).toEqual({ memoryKib: 65_536, iterations: 3 })
  })

  it('never repeats: two files of one secret share neither salt nor nonce nor ciphertext', async () => {
    const [a, b] = [JSON.parse(await seal()), JSON.parse(await seal())]
    expect(a.derivation.salt).not.toBe(b.derivation.salt)
    expect(a.nonce).not.toBe(b.nonce)
    expect(a.sealed).not.toBe(b.sealed)
  })

  it('keeps the secrets of an institution', async () => {
    const secrets = drawInstitutionSecrets(nodeCrypto.cipher.random)
    expect(decodeInstitutionSecrets(encodeInstitutionSecrets(secrets))).toEqual(secrets)
    for (const text of ['', '{}', '{"ledger":1}', 'null']) {
      expect(() => decodeInstitutionSecrets(text)).toThrow(
        expect.objectContaining({ code: 'KEY_FILE_DAMAGED' }),
      )
    }
  })
})

describe('a key file on a disk', () => {
  const folders: string[] = []
  const folder = async (): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), 'islet-keys-'))
    folders.push(made)
    return made
  }
  afterAll(async () => {
    for (const made of folders) await rm(made, { recursive: true })
  })

  it('is written whole, for its owner alone, and replaces an older one', async () => {
    const directory = await folder()
    const path = join(directory, 'keys/patient.json')
    await writeKeyFile(path, 'first')
    await writeKeyFile(path, 'second')
    expect(await readKeyFile(path)).toBe('second')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(directory, 'keys'))).toEqual(['patient.json'])
  })

  it('is missing, too long or unreadable with a code each', async () => {
    const directory = await folder()
    await expect(readKeyFile(join(directory, 'none'))).rejects.toMatchObject({ code: 'KEY_FILE_MISSING' })
    await writeFile(join(directory, 'long'), 'x'.repeat(70_000))
    await expect(readKeyFile(join(directory, 'long'))).rejects.toMatchObject({ code: 'KEY_FILE_DAMAGED' })
    await expect(readKeyFile(directory)).rejects.toMatchObject({ code: 'KEY_FILE_UNREADABLE' })
    await expect(writeKeyFile(join(directory, 'long/x'), 'y')).rejects.toMatchObject({
      code: 'KEY_FILE_UNWRITABLE',
    })
  })

  it('of the node is made once and stays', async () => {
    const path = join(await folder(), 'node.key')
    const key = await nodeKey(path, nodeCrypto.cipher.random)
    expect(await nodeKey(path, nodeCrypto.cipher.random)).toEqual(key)
    await writeFile(path, 'zz')
    await expect(nodeKey(path, nodeCrypto.cipher.random)).rejects.toMatchObject({ code: 'KEY_FILE_DAMAGED' })
  })
})
