/**
 * Everything an auditor needs is written to a directory and verified there, without a node: against the heads that the
 * members hold, against one changed byte, and against a dump that ends before the revoke.
 */
import { promises as fs } from 'node:fs'
import { join } from 'node:path'
import {
  answering,
  exportDump,
  FINALITY_CRYPTO,
  type VerifyReport,
  verifyDump,
} from '../../../audit/index.ts'
import { agreedBlock, anchorOf, TRUST_PERIOD_SECONDS } from '../../../finality/index.ts'
import type { SignedHead } from '../../../ledger/index.ts'
import { quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import { dumpSource } from '../../institution/dump-source.ts'
import { consensusNodes } from '../../network/commit-source.ts'
import { need, type Stage } from '../stage.ts'

export async function verify(stage: Stage): Promise<void> {
  const { consortium, dumpDirectory, signal } = stage
  // What is believed comes before what is exported.
  const consensus = await consensusOf(stage)
  await consortium.tick(true)
  const anchors = await headsHeld(stage)
  const source = await dumpSource(consortium.directory)
  const exported = await exportDump({ source, target: dumpDirectory, signal, ...consensus?.export })
  stage.progress.dump = dumpDirectory

  const sound = await verifyDump(dumpDirectory, { anchors, signal, ...consensus?.trust })
  const { blocks, transactions, consents, accesses, leaves } = sound.checked
  stage.check(
    'the dump verifies: ledger replayed, life cycles, every access under an active consent, logs, leaves',
    sound.ok,
    sound.ok
      ? `${blocks} blocks, ${transactions} transactions, ${consents} consents, ${accesses} accesses, ${leaves} leaves; ${exported.files} files`
      : codes(sound),
  )
  stage.check(
    'it agrees with the signed heads that the members hold in their own directories',
    sound.anchored && anchors.length === consortium.parties.length,
    `${anchors.length} heads of ${consortium.parties.length} members compared`,
  )
  if (consensus !== undefined) {
    const { commits } = sound.also
    stage.check(
      'every block carries the votes of more than two thirds of the seats, from a block that all nodes show',
      sound.ok && commits >= exported.head.height,
      `${commits} blocks`,
    )
  }
  const rewritten = (await Promise.all(consortium.parties.map((one) => one.heads()))).flatMap(
    (heads) => heads.rewritten,
  )
  stage.check('no member was shown two histories', rewritten.length === 0, `${rewritten.length} seen`)

  const planted = join(consortium.directory, 'tmp', 'planted')
  await fs.rm(planted, { recursive: true, force: true })
  await fs.cp(dumpDirectory, planted, { recursive: true })
  const changed = await flipByte(join(planted, 'institutions', stage.custodian.key, 'objects'))
  const caught = await verifyDump(planted, { anchors, signal })
  stage.check(
    'a copy with one byte of one sealed object changed fails',
    changed && !caught.ok,
    changed ? codes(caught) : 'no object to change',
  )
  await fs.rm(planted, { recursive: true, force: true })

  const early = need(stage.progress.earlyDump, 'the dump from before the revoke')
  const alone = await verifyDump(early, { signal })
  const held = await verifyDump(early, { anchors, signal })
  const cut = held.findings.some(({ code }) => code === 'DUMP_CUT_SHORT')
  stage.check(
    'a dump that ends before the revoke is told by the heads that others hold, and by nothing else',
    alone.ok && !alone.anchored && cut,
    `alone: ${alone.ok ? 'holds, not anchored' : codes(alone)}; with the members’ heads: ${codes(held)}`,
  )
  await fs.rm(early, { recursive: true, force: true })
}

/** On a consortium: a node that shows the blocks, and the block that all nodes show alike to hold them against. */
async function consensusOf({ consortium }: Stage) {
  const nodes = await consensusNodes(consortium.directory)
  if (nodes.length === 0) return undefined
  const anchor = anchorOf(await agreedBlock(nodes, FINALITY_CRYPTO), FINALITY_CRYPTO.hasher)
  const now = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
  return {
    export: { commits: await answering(nodes) },
    trust: { trust: { anchor, now, trustPeriod: TRUST_PERIOD_SECONDS } },
  }
}

/** A dump as it stands before the revoke: what a forger who hides the revoke would show. */
export async function exportEarly(stage: Stage): Promise<void> {
  const { consortium, signal } = stage
  await consortium.tick(true)
  const target = join(consortium.directory, 'tmp', 'before-revoke')
  await fs.rm(target, { recursive: true, force: true })
  await exportDump({ source: await dumpSource(consortium.directory), target, objects: 'names', signal })
  stage.progress.earlyDump = target
}

/** The newest head that each member holds. */
async function headsHeld({ consortium }: Stage): Promise<readonly SignedHead[]> {
  const held = await Promise.all(consortium.parties.map((one) => one.heads()))
  return held.flatMap(({ newest }) => (newest === undefined ? [] : [newest]))
}

function codes(report: VerifyReport): string {
  const found = [...new Set(report.findings.map(({ code }) => code))]
  return found.length === 0 ? 'nothing found' : found.join(', ')
}

async function flipByte(folder: string): Promise<boolean> {
  const [name] = await fs.readdir(folder)
  if (name === undefined) return false
  const path = join(folder, name)
  const bytes = await fs.readFile(path)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await fs.chmod(path, 0o600)
  await fs.writeFile(path, bytes)
  return true
}
