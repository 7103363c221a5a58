/**
 * A dump checked in this browser as far as a browser can (PROTOCOL 19): its files against its manifest, its journal by its
 * hashes and on a consortium against what its validators signed, its signed heads' blocks against the ledger that this node
 * has, and each access log from its files alone, against members' keys and anchors.
 *
 * Laws: the files go nowhere; a dump is hostile until it is checked; what takes the ledger's engine (replaying every block,
 * the contracts' rules, consents, slots) is not done here and is never counted as passed.
 */
import {
  type CommitTrust,
  HEADS,
  institutionPaths,
  MANIFEST,
  type Manifest,
  readManifest,
} from '../../audit/browser.door.ts'
import { TRUST_PERIOD_SECONDS, type TrustAnchor } from '../../finality/index.ts'
import { nobleEd25519 } from '../../identity/index.ts'
import { verifyLog } from '../../vault/index.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import {
  type Bytes,
  fromHex,
  fromUtf8,
  type InstitutionId,
  IsletError,
  quantity,
  toHex,
  type UnixSeconds,
} from '../../vocabulary/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { checkSigned, type SignedChecked } from './check-signed.ts'

export interface DumpFinding {
  readonly code: string
  readonly where: string
}

export interface DumpChecked {
  readonly files: number
  readonly heads: number
  readonly logs: number
  readonly entries: number
  /** Whether the dump is of the ledger that this node has; else heads and logs have nothing to be held against. */
  readonly ours: boolean
  /** What the dump says of its ledger without this node. */
  readonly signed: Omit<SignedChecked, 'findings'>
  readonly findings: readonly DumpFinding[]
}

const NONE_SIGNED: DumpChecked['signed'] = { blocks: 0, voted: 0, vouched: false, facts: 0 }

/** Files of a dump by their path inside it. */
export type DumpFiles = ReadonlyMap<string, Pick<File, 'size' | 'arrayBuffer'>>

/** The files of a folder that somebody chose; the folder itself is no part of their names. */
export function dumpFiles(files: readonly File[]): DumpFiles {
  return new Map(
    files.map((file) => [file.webkitRelativePath.split('/').slice(1).join('/') || file.name, file] as const),
  )
}

/** Anchors that are looked through, newest first, for one that the dump reaches. */
const MOST_SLOTS = 48

/** `anchor`: a block of a consortium that whoever checks believes. Throws `NOT_A_DUMP`, and the node's codes. */
export async function checkDump(
  files: DumpFiles,
  person: StaffPerson,
  anchor: TrustAnchor | undefined,
  progress: (done: number, of: number) => void,
): Promise<DumpChecked> {
  const read = async (path: string): Promise<Bytes | undefined> => {
    const file = files.get(path)
    return file === undefined ? undefined : new Uint8Array(await file.arrayBuffer())
  }
  const text = async (path: string): Promise<string> => fromUtf8((await read(path)) ?? new Uint8Array(0))
  if (!files.has(MANIFEST)) throw noDump()
  const reading = readManifest(await text(MANIFEST))
  const { manifest } = reading
  const findings: DumpFinding[] =
    reading.code === 'ALTERED' ? [{ code: 'MANIFEST_ALTERED', where: MANIFEST }] : []
  const none = { heads: 0, logs: 0, entries: 0, ours: false, signed: NONE_SIGNED, findings }
  if (manifest === undefined) return { ...none, files: 0 }
  findings.push(...(await fileFindings(files, manifest, progress)))
  const { findings: unsigned, ...signed } = await checkSigned(read, manifest, trustIn(anchor))
  findings.push(...unsigned.map(({ code, where }) => ({ code, where })))
  const head = await person.read.head()
  const ours = head.chain_id === manifest.chainId && (await isOurGenesis(person, manifest))
  if (!ours) return { ...none, files: files.size, signed }
  const heads = await headFindings(await text(HEADS), person)
  findings.push(...heads.findings)
  const { members } = await person.read.ledgerMembers()
  let entries = 0
  for (const who of manifest.institutions) {
    const key = members.find(({ id }) => id === who.id)?.message_key
    if (key === undefined) {
      findings.push({ code: 'MANIFEST_WRONG', where: who.key })
      continue
    }
    const { log } = institutionPaths(who.key)
    if (!files.has(`${log}/checkpoint`)) continue
    const anchor = await anchorWithin(person, who.id, manifest.head.height)
    const verdict = await verifyLog((path) => read(`${log}/${path}`), {
      origin: `islet.log/${who.id}`,
      keys: [fromHex(key)],
      verifier: nobleEd25519,
      crypto: webCrypto,
      heads: anchor === undefined ? [] : [anchor],
    })
    entries += verdict.size
    findings.push(...verdict.findings.map(({ code, where }) => ({ code, where: `${who.key}, ${where}` })))
  }
  return {
    files: files.size,
    heads: heads.compared,
    logs: manifest.institutions.length,
    entries,
    ours,
    signed,
    findings,
  }
}

/** By this device's clock. */
function trustIn(anchor: TrustAnchor | undefined): CommitTrust | undefined {
  if (anchor === undefined) return undefined
  const now = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
  return { anchor, now, trustPeriod: TRUST_PERIOD_SECONDS }
}

async function fileFindings(
  files: DumpFiles,
  manifest: Manifest,
  progress: (done: number, of: number) => void,
): Promise<readonly DumpFinding[]> {
  const findings: DumpFinding[] = []
  const listed = Object.entries(manifest.files)
  for (const [done, [path, { bytes, sha256 }]] of listed.entries()) {
    const file = files.get(path)
    if (file === undefined) findings.push({ code: 'FILE_MISSING', where: path })
    else if (file.size !== bytes || (await digestOf(file)) !== sha256)
      findings.push({ code: 'FILE_ALTERED', where: path })
    progress(done + 1, listed.length)
  }
  const objects = manifest.institutions.map(({ key }) => `${institutionPaths(key).objects}/`)
  for (const path of files.keys()) {
    const isKnown = path === MANIFEST || Object.hasOwn(manifest.files, path)
    if (!isKnown && !objects.some((folder) => path.startsWith(folder)))
      findings.push({ code: 'FILE_UNLISTED', where: path })
  }
  return findings
}

async function digestOf(file: Pick<File, 'arrayBuffer'>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))).slice(2)
}

/** The first block is the same: another ledger with the same number is another ledger. */
async function isOurGenesis(person: StaffPerson, manifest: Manifest): Promise<boolean> {
  const { blocks } = await person.read.ledgerBlocks({ query: { until: 0, count: 1 } })
  return blocks[0]?.hash === manifest.genesisHash
}

/** The blocks that the dump's heads name, beside those of this node's ledger. */
async function headFindings(
  text: string,
  person: StaffPerson,
): Promise<{ readonly compared: number; readonly findings: readonly DumpFinding[] }> {
  const findings: DumpFinding[] = []
  let compared = 0
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue
    const where = `${HEADS}, line ${i + 1}`
    const head = headOf(line)
    if (head === undefined) {
      findings.push({ code: 'DOCUMENT_MALFORMED', where })
      continue
    }
    const { blocks } = await person.read.ledgerBlocks({ query: { until: head.height, count: 1 } })
    const block = blocks[0]
    // A dump that is ahead of this node says nothing that could be compared.
    if (block?.height !== head.height) continue
    compared += 1
    if (block.hash !== head.hash) findings.push({ code: 'HEAD_FORKED', where })
  }
  return { compared, findings }
}

function headOf(line: string): { readonly height: number; readonly hash: string } | undefined {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('height' in value) || !('hash' in value))
      return undefined
    const { height, hash } = value
    return typeof height === 'number' &&
      Number.isSafeInteger(height) &&
      height >= 0 &&
      typeof hash === 'string'
      ? { height, hash }
      : undefined
  } catch {
    return undefined
  }
}

/** The newest anchor of a log that a dump up to a height must reach. */
async function anchorWithin(person: StaffPerson, member: InstitutionId, height: number) {
  const params = { member, stream: 'log' } as const
  const { slot: newest } = await person.read.ledgerSlot({ params })
  for (let slot = newest; slot > 0 && slot > newest - MOST_SLOTS; slot -= 1) {
    const { anchor } = await person.read.ledgerAnchor({ params: { ...params, slot } })
    if (anchor !== null && anchor.block <= height)
      return { size: anchor.count, root: fromHex(anchor.root), from: `block ${anchor.block}` }
  }
  return undefined
}

function noDump(): IsletError {
  return new IsletError(
    'NOT_A_DUMP',
    'this folder holds no manifest.json, so it is no dump',
    {},
    { remedy: 'choose the folder that islet export wrote' },
  )
}
