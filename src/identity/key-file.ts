/**
 * The key file: secrets at rest, encrypted under a key from a passphrase (Argon2id) or, for the demo's personas, under
 * a key of the node they live on.
 *
 * Laws: secrets are never at rest in clear; a persona says so in its file, so that no real person's keys pass for one
 * and none is taken for a person; cost parameters are read from the file but bounded, so that a planted file cannot
 * exhaust the machine. A wrong passphrase is KEY_FILE_LOCKED, a changed file KEY_FILE_DAMAGED; beyond that nothing
 * is told apart.
 * Source: RFC 9106 (Argon2id; 64 MiB and 3 passes is its second recommendation), AES-256-GCM.
 */
import { argon2id } from 'hash-wasm'
import { type Cipher, type Crypto, hkdf, KEY_BYTES, NONCE_BYTES } from '../vault/index.ts'
import {
  type Bytes,
  canonicalJson,
  concat,
  equalBytes,
  fromBase64Url,
  IsletError,
  isIsletError,
  toBase64Url,
  utf8,
} from '../vocabulary/index.ts'

const SCHEMA = 'islet.key-file/1'
/** Longest key file that is read at all, bytes. */
export const LONGEST_KEY_FILE = 64 * 1024

/** What Argon2id costs. */
export interface PassphraseCost {
  /** 8 to 256 MiB. */
  readonly memoryKib: number
  /** Passes, 1 to 10. */
  readonly iterations: number
}
/** 64 MiB, 3 passes, one lane: some 0.3 s of one core. */
export const PASSPHRASE_COST: PassphraseCost = { memoryKib: 64 * 1024, iterations: 3 }
const MEMORY_KIB = { least: 8 * 1024, most: 256 * 1024 }
const ITERATIONS = { least: 1, most: 10 }
const SALT_BYTES = 16
const VERIFIER_BYTES = 16

/** What unlocks a file. */
export type Unlock =
  | { readonly passphrase: string }
  /** 32 random bytes kept by the node beside its data: for personas only. */
  | { readonly nodeKey: Uint8Array }

type Derivation =
  | {
      readonly name: 'argon2id'
      readonly memoryKib: number
      readonly iterations: number
      readonly salt: string
    }
  | { readonly name: 'node-key'; readonly salt: string }

/** Everything but the secrets; bound to them as associated data. */
type KeyFileHead = {
  readonly schema: typeof SCHEMA
  /** What the secrets are: `patient`, `institution`, `node`. */
  readonly holds: string
  /** Whether these are the keys of an invented person of the demo. */
  readonly persona: boolean
  readonly derivation: Derivation
  /** Tells a wrong passphrase from a changed file, and nothing more than the cipher's tag does. */
  readonly verifier: string
  readonly nonce: string
}

/** Encrypts secrets. Throws `PASSPHRASE_EMPTY`, `PASSPHRASE_COST_OUT_OF_RANGE`, `NODE_KEY_WRONG`. */
export async function sealKeyFile(
  secrets: Uint8Array,
  options: {
    readonly holds: string
    readonly unlock: Unlock
    readonly cost?: PassphraseCost
  },
  crypto: Crypto,
): Promise<string> {
  const { holds, unlock } = options
  const cost = options.cost ?? PASSPHRASE_COST
  if (!isBounded(cost)) {
    throw new IsletError('PASSPHRASE_COST_OUT_OF_RANGE', 'memory is 8 to 256 MiB and passes 1 to 10', {
      ...cost,
    })
  }
  const salt = toBase64Url(crypto.cipher.random(SALT_BYTES))
  const persona = 'nodeKey' in unlock
  const derivation: Derivation = persona ? { name: 'node-key', salt } : { name: 'argon2id', ...cost, salt }
  const { key, verifier } = await derive(derivation, unlock, crypto)
  const nonce = crypto.cipher.random(NONCE_BYTES)
  const head: KeyFileHead = {
    schema: SCHEMA,
    holds,
    persona,
    derivation,
    verifier: toBase64Url(verifier),
    nonce: toBase64Url(nonce),
  }
  const associated = utf8(canonicalJson(head))
  const sealed = await sealOne(crypto.cipher, { key, nonce, associated, plaintext: secrets })
  return `${JSON.stringify({ ...head, sealed: toBase64Url(sealed), check: checkOf(head, sealed, crypto) }, null, 2)}\n`
}

export type KeyFileReading =
  | { readonly code: 'OPENED'; readonly secrets: Bytes; readonly persona: boolean }
  /** Wrong passphrase or node key. */
  | { readonly code: 'KEY_FILE_LOCKED' }
  /** Not a key file, of another kind, or changed since it was written. */
  | { readonly code: 'KEY_FILE_DAMAGED' }

/** Opens a key file that holds secrets of the given kind. */
export async function openKeyFile(
  text: string,
  options: { readonly holds: string; readonly unlock: Unlock },
  crypto: Crypto,
): Promise<KeyFileReading> {
  const file = parseKeyFile(text)
  if (file === undefined || file.head.holds !== options.holds) return { code: 'KEY_FILE_DAMAGED' }
  const { head, sealed } = file
  if (file.check !== checkOf(head, sealed, crypto)) return { code: 'KEY_FILE_DAMAGED' }
  if (head.persona !== 'nodeKey' in options.unlock) return { code: 'KEY_FILE_LOCKED' }
  const { key, verifier } = await derive(head.derivation, options.unlock, crypto)
  if (!equalBytes(verifier, fromBase64Url(head.verifier))) return { code: 'KEY_FILE_LOCKED' }
  const associated = utf8(canonicalJson(head))
  const nonce = fromBase64Url(head.nonce)
  const [secrets] = await crypto.cipher.decrypt([{ key, nonce, associated, sealed }])
  return secrets === undefined
    ? { code: 'KEY_FILE_DAMAGED' }
    : { code: 'OPENED', secrets, persona: head.persona }
}

/** Whether a file says that its keys belong to an invented person of the demo; undefined for no key file. */
export function isPersonaFile(text: string): boolean | undefined {
  return parseKeyFile(text)?.head.persona
}

async function derive(
  derivation: Derivation,
  unlock: Unlock,
  crypto: Crypto,
): Promise<{ readonly key: Bytes; readonly verifier: Bytes }> {
  const salt = fromBase64Url(derivation.salt)
  const secret =
    'nodeKey' in unlock ? nodeSecret(unlock.nodeKey) : await stretched(derivation, unlock.passphrase, salt)
  const info = utf8(`islet/v1/key-file/${derivation.name}`)
  const both = hkdf(crypto.hasher, secret, { salt, info, length: KEY_BYTES + VERIFIER_BYTES })
  return { key: both.slice(0, KEY_BYTES), verifier: both.slice(KEY_BYTES) }
}

async function stretched(derivation: Derivation, passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  if (passphrase === '') {
    throw new IsletError('PASSPHRASE_EMPTY', 'a passphrase is needed', {}, { remedy: 'choose a passphrase' })
  }
  if (derivation.name !== 'argon2id')
    throw new IsletError('KEY_FILE_DAMAGED', 'the key file contradicts itself')
  return argon2id({
    password: passphrase.normalize('NFKC'),
    salt,
    memorySize: derivation.memoryKib,
    iterations: derivation.iterations,
    parallelism: 1,
    hashLength: KEY_BYTES,
    outputType: 'binary',
  })
}

function nodeSecret(nodeKey: Uint8Array): Uint8Array {
  if (nodeKey.length !== KEY_BYTES) {
    throw new IsletError('NODE_KEY_WRONG', 'a node key has 32 bytes', { length: nodeKey.length })
  }
  return nodeKey
}

/** Tells accidental change from a wrong passphrase; who can recompute it can only make the file look locked. */
function checkOf(head: KeyFileHead, sealed: Uint8Array, crypto: Crypto): string {
  return toBase64Url(crypto.hasher.sha256(concat(utf8(canonicalJson(head)), sealed)))
}

function parseKeyFile(
  text: string,
): { readonly head: KeyFileHead; readonly sealed: Bytes; readonly check: string } | undefined {
  if (text.length > LONGEST_KEY_FILE) return undefined
  try {
    const file = object(JSON.parse(text))
    const derivation = readDerivation(object(file['derivation']))
    const persona = file['persona']
    if (file['schema'] !== SCHEMA || typeof persona !== 'boolean' || derivation === undefined)
      return undefined
    if (persona !== (derivation.name === 'node-key')) return undefined
    const head: KeyFileHead = {
      schema: SCHEMA,
      holds: string(file['holds']),
      persona,
      derivation,
      verifier: bytesText(file['verifier'], VERIFIER_BYTES),
      nonce: bytesText(file['nonce'], NONCE_BYTES),
    }
    return { head, sealed: fromBase64Url(string(file['sealed'])), check: string(file['check']) }
  } catch (error) {
    if (error instanceof SyntaxError || isIsletError(error)) return undefined
    throw error
  }
}

function readDerivation(value: Readonly<Record<string, unknown>>): Derivation | undefined {
  const salt = bytesText(value['salt'], SALT_BYTES)
  if (value['name'] === 'node-key') return { name: 'node-key', salt }
  const { memoryKib, iterations } = value
  if (value['name'] !== 'argon2id' || typeof memoryKib !== 'number' || typeof iterations !== 'number') {
    return undefined
  }
  return isBounded({ memoryKib, iterations }) ? { name: 'argon2id', memoryKib, iterations, salt } : undefined
}

function isBounded({ memoryKib, iterations }: PassphraseCost): boolean {
  return (
    Number.isInteger(memoryKib) &&
    Number.isInteger(iterations) &&
    memoryKib >= MEMORY_KIB.least &&
    memoryKib <= MEMORY_KIB.most &&
    iterations >= ITERATIONS.least &&
    iterations <= ITERATIONS.most
  )
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw damaged()
  return Object.fromEntries(Object.entries(value))
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw damaged()
  return value
}

function bytesText(value: unknown, length: number): string {
  const text = string(value)
  if (fromBase64Url(text).length !== length) throw damaged()
  return text
}

async function sealOne(cipher: Cipher, job: Parameters<Cipher['encrypt']>[0][number]): Promise<Bytes> {
  const [sealed] = await cipher.encrypt([job])
  if (sealed === undefined) throw damaged()
  return sealed
}

function damaged(): IsletError {
  return new IsletError('KEY_FILE_DAMAGED', 'the key file is damaged')
}
