/**
 * What `islet doctor` finds in a data directory that exists: is it held, is its journal whole, are its keys there.
 * Reads only; a running node is left alone.
 */

import { promises as fs } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DoctorDocument } from '../../api/documents.door.ts'
import { isPersonaFile } from '../../identity/index.ts'
import { readJournal } from '../../journal/index.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { isIsletError } from '../../vocabulary/index.ts'

type Check = DoctorDocument['checks'][number]

const fine = (name: string, saw: string): Check => ({ name, ok: true, saw, remedy: null })
const wrong = (name: string, saw: string, remedy: string): Check => ({ name, ok: false, saw, remedy })

const RESTORE = 'restore the newest backup into another directory with islet restore'

/** Checks of the content of a data directory; none when it is empty or not there. */
export async function examineData(folder: string): Promise<readonly Check[]> {
  const there = await fs.readdir(folder).catch(() => [])
  if (there.length === 0) return []
  const held = await holder(folder)
  const checks: Check[] = [
    held === undefined
      ? fine('in use', 'no node runs on this data directory')
      : fine('in use', `process ${held} runs a node on this data directory`),
  ]
  checks.push(await journal(folder, held !== undefined))
  checks.push(await keys(folder))
  return checks
}

async function holder(folder: string): Promise<number | undefined> {
  try {
    const lock = await lockDataDirectory(folder)
    await lock.release()
    return undefined
  } catch (error) {
    if (!isIsletError(error, 'DATA_IN_USE')) return undefined
    const pid = error.facts['pid']
    return typeof pid === 'number' ? pid : 0
  }
}

async function journal(folder: string, running: boolean): Promise<Check> {
  const path = join(folder, 'ledger', 'journal')
  const bytes = await fs.readFile(path).catch(() => undefined)
  if (bytes === undefined) return wrong('journal', 'the ledger has no journal', RESTORE)
  try {
    const read = readJournal(bytes)
    if (read === undefined) return wrong('journal', 'the journal holds no beginning', RESTORE)
    let count = 0
    let step = read.entries.next()
    for (; step.done !== true; step = read.entries.next()) count += 1
    const torn = step.value.torn > 0
    const blocks = `${count} blocks, every checksum right`
    if (!torn) return fine('journal', blocks)
    return running
      ? fine('journal', `${blocks}; a block is being written`)
      : fine('journal', `${blocks}; a torn end, which the next start cuts off`)
  } catch (error) {
    const code = isIsletError(error) ? error.code : 'UNREADABLE'
    return wrong('journal', `the journal is damaged (${code})`, RESTORE)
  }
}

async function keys(folder: string): Promise<Check> {
  const files = [
    ...(await keyFiles(join(folder, 'institutions'))),
    ...(await keyFiles(join(folder, 'patients'))),
  ]
  const damaged: string[] = []
  let own = 0
  for (const path of files) {
    const persona = isPersonaFile(await fs.readFile(path, 'utf8').catch(() => ''))
    if (persona === undefined) damaged.push(basename(dirname(path)))
    else if (!persona) own += 1
  }
  if (damaged.length > 0) return wrong('keys', `${damaged.length} key files are damaged`, RESTORE)
  const personas = files.length - own
  return fine('keys', `${files.length} key files: ${personas} of this node’s demo, ${own} under a passphrase`)
}

async function keyFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const entry of await fs.readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name, 'keys.json')
    const stat = await fs.stat(path).catch(() => undefined)
    if (entry.isDirectory() && stat?.isFile() === true) found.push(path)
  }
  return found
}
