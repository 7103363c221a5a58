// The servers that the stores of sealed objects are tried on, built with Go from pinned modules: kubo (a private swarm) and
// Versity's S3 gateway (a bucket). Prints where they are; what was built of the same modules is kept.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../engines/object-servers', import.meta.url))
const SERVERS = [
  { name: 'kubo', from: 'github.com/ipfs/kubo/cmd/ipfs', binary: 'ipfs' },
  { name: 's3', from: 'github.com/versity/versitygw/cmd/versitygw', binary: 'versitygw' },
]

/** The modules are read from a copy, so that Go never changes what is pinned here; its sums hold them. */
function build({ name, from, binary }) {
  const built = join(folder, 'build')
  const work = join(built, `${name}-module`)
  const target = join(built, binary)
  const pinned = ['go.mod', 'go.sum'].map((file) => readFileSync(join(folder, name, file)))
  const mark = createHash('sha256').update(Buffer.concat(pinned)).digest('hex')
  const record = `${target}.modules`
  if (existsSync(target) && existsSync(record) && readFileSync(record, 'utf8') === mark) return target
  process.stderr.write(`objects: building ${binary}; the first time takes minutes\n`)
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  cpSync(join(folder, name), work, { recursive: true })
  const args = ['build', '-mod=mod', '-o', `${target}.partial`, from]
  const { status, error } = spawnSync('go', args, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) {
    const words = error === undefined ? 'Go refused' : 'Go is not installed'
    process.stderr.write(`objects: ${words}; Go 1.25 or newer builds ${binary}\n`)
    process.exit(error === undefined ? 1 : 3)
  }
  if (!readFileSync(join(work, 'go.sum')).equals(pinned[1])) {
    process.stderr.write(`objects: ${binary} was built from other modules than go.sum names\n`)
    process.exit(1)
  }
  renameSync(`${target}.partial`, target)
  writeFileSync(record, mark)
  return target
}

if (process.argv[2] !== 'build') {
  process.stderr.write('usage: node scripts/objects.mjs build\n')
  process.exit(2)
}
for (const server of SERVERS) process.stdout.write(`${build(server)}\n`)
