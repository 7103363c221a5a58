// The consortium engine's tools: `build` makes its binary with Go, cached by what it is made of; `test` runs its Go
// tests and the four-node suites; `skewed` makes one whose clock can be set off, for its test.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'engines/consortium')
const built = join(folder, 'build')
const binary = join(built, process.platform === 'win32' ? 'islet-consortium.exe' : 'islet-consortium')
const record = join(built, 'build.json')
/** Paths and build ids are left out, so that the same sources and Go give the same bytes on every machine. */
const FLAGS = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w -buildid=']
// The library's signatures (secp256k1) are in C: without cgo it does not compile, so a C compiler is needed too.
const ENV = { ...process.env, CGO_ENABLED: '1', GOFLAGS: '' }

const COMET = 'github.com/cometbft/cometbft'
/** How far the clock is off; stands at the end of CometBFT's file. */
const OFF = `
var off = func() time.Duration {
	given, _ := time.ParseDuration(os.Getenv("ISLET_TEST_CLOCK_OFF"))
	return given
}()
`

function say(words) {
  process.stderr.write(`engine: ${words}\n`)
}

/** Exit code 3: this machine cannot. */
function refuse(words, remedy) {
  say(`${words}\n        ${remedy}`)
  process.exit(3)
}

/** The version of Go that will build, at least the one that go.mod asks for. */
function goVersion() {
  const wanted = /^go (\d+)\.(\d+)(?:\.(\d+))?$/m.exec(readFileSync(join(folder, 'go.mod'), 'utf8'))
  const least = wanted.slice(1, 4).map((part) => Number(part ?? 0))
  const asked = spawnSync('go', ['env', 'GOVERSION'], { cwd: folder, env: ENV, encoding: 'utf8' })
  if (asked.error !== undefined) {
    refuse(
      'Go is not installed',
      `Install Go ${least.join('.')} or newer; only the consortium engine needs it.`,
    )
  }
  const found = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(asked.stdout)
  if (found === null) refuse(`Go does not say its version: ${asked.stderr.trim()}`, 'Check `go env`.')
  const have = found.slice(1, 4).map((part) => Number(part ?? 0))
  const place = least.findIndex((part, i) => part !== have[i])
  if (place >= 0 && have[place] < least[place]) {
    refuse(`Go ${have.join('.')} is too old`, `Install Go ${least.join('.')} or newer.`)
  }
  return found[0]
}

/** Hash over the sources, the pinned modules, the flags and the tool-chain. */
function sourceHash(version) {
  const hash = createHash('sha256').update(
    `${version}\0${process.platform}\0${process.arch}\0${FLAGS.join(' ')}\0`,
  )
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(\.go|go\.mod|go\.sum)$/.test(name) && !/^build|_test\.go$/.test(name))
    .sort()
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update('\0')
  return hash.digest('hex')
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function cached(source) {
  try {
    const known = JSON.parse(readFileSync(record, 'utf8'))
    return known.source === source && known.sha256 === sha256(binary) ? known : undefined
  } catch {
    return undefined
  }
}

/** Runs Go and counts the lines that it says on standard error; resolves to its exit code and last words. */
function go(args, counted) {
  return new Promise((resolve) => {
    const child = spawn('go', args, { cwd: folder, env: ENV, stdio: ['ignore', 'ignore', 'pipe'] })
    const words = []
    let lines = 0
    let shown = Date.now()
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (chunk) => {
      for (const line of chunk.split('\n').filter((one) => one !== '')) {
        lines += 1
        words.push(line)
        if (words.length > 30) words.shift()
      }
      const pause = process.stderr.isTTY ? 200 : 10_000
      if (Date.now() - shown < pause) return
      shown = Date.now()
      process.stderr.write(
        process.stderr.isTTY ? `\r\u001b[Kengine: ${counted(lines)}` : `engine: ${counted(lines)}\n`,
      )
    })
    child.on('error', (error) => resolve({ code: 3, words: [error.message] }))
    child.on('close', (code) => {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
      resolve({ code: code ?? 3, words })
    })
  })
}

async function build() {
  const version = goVersion()
  const source = sourceHash(version)
  const known = cached(source)
  if (known !== undefined) {
    say('already built from these sources')
    process.stdout.write(`${JSON.stringify(known)}\n`)
    return 0
  }
  const began = Date.now()
  const fetched = await go(['mod', 'download', '-x'], (lines) => `fetching modules (${lines} steps)`)
  if (fetched.code !== 0) {
    say(`the modules could not be fetched\n${fetched.words.join('\n')}`)
    return 3
  }
  const listed = spawnSync('go', ['list', '-deps', '.'], { cwd: folder, env: ENV, encoding: 'utf8' })
  const total = listed.stdout.split('\n').filter((line) => line !== '').length
  say(`compiling up to ${total} packages; the first time takes minutes, later builds seconds`)
  mkdirSync(built, { recursive: true })
  const partial = `${binary}.partial`
  const compiled = await go(
    ['build', '-v', ...FLAGS, '-o', partial, '.'],
    (lines) => `compiled ${lines} of at most ${total} packages`,
  )
  if (compiled.code !== 0) {
    rmSync(partial, { force: true })
    say(`Go refused\n${compiled.words.join('\n')}`)
    return 1
  }
  const asked = spawnSync(partial, ['version'], { encoding: 'utf8' })
  if (asked.status !== 0) {
    say(`the binary does not run: ${asked.stderr}`)
    return 1
  }
  renameSync(partial, binary)
  const made = { source, sha256: sha256(binary), bytes: statSync(binary).size, ...JSON.parse(asked.stdout) }
  writeFileSync(record, `${JSON.stringify(made)}\n`)
  say(`built in ${Math.round((Date.now() - began) / 1_000)} s`)
  process.stdout.write(`${JSON.stringify(made)}\n`)
  return 0
}

function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    child.on('error', () => resolve(3))
    child.on('close', (code) => resolve(code ?? 3))
  })
}

async function test() {
  const made = await build()
  if (made !== 0) return made
  for (const args of [
    ['vet', './...'],
    ['test', './...'],
  ]) {
    const code = await run('go', args, { cwd: folder, env: ENV })
    if (code !== 0) return code
  }
  return run('npm', ['run', '-s', 'test:consortium'], { cwd: root })
}

/**
 * An engine whose clock is off by ISLET_TEST_CLOCK_OFF, as `-30s`, for the test of a skewed clock and nothing else: it is
 * compiled from a copy of CometBFT whose one line that reads the clock is another. Prints where it lies.
 */
async function skewed() {
  goVersion()
  const place = join(built, 'skewed')
  const [copy, made] = [join(place, 'cometbft'), join(place, 'islet-consortium')]
  const asked = { cwd: folder, env: ENV, encoding: 'utf8' }
  const found = spawnSync('go', ['list', '-m', '-f', '{{.Dir}}', COMET], asked).stdout.trim()
  const own = readFileSync(join(found, 'types/time/time.go'), 'utf8')
  const truly = 'return Canonical(time.Now())'
  if (!own.includes(truly)) {
    say('CometBFT reads the clock in another way than expected')
    return 1
  }
  mkdirSync(place, { recursive: true })
  cpSync(found, copy, { recursive: true, force: true })
  const clock = join(copy, 'types/time/time.go')
  chmodSync(clock, 0o644)
  writeFileSync(
    clock,
    `${own.replace(truly, 'return Canonical(time.Now().Add(off))').replace('import (', 'import (\n\t"os"')}${OFF}`,
  )
  const modules = readFileSync(join(folder, 'go.mod'), 'utf8')
  writeFileSync(join(place, 'go.mod'), `${modules}\nreplace ${COMET} => ${copy}\n`)
  cpSync(join(folder, 'go.sum'), join(place, 'go.sum'))
  const args = ['build', '-v', '-modfile', join(place, 'go.mod'), ...FLAGS, '-o', made, '.']
  const compiled = await go(args, (lines) => `compiled ${lines} packages with another clock`)
  if (compiled.code !== 0) {
    say(`Go refused\n${compiled.words.join('\n')}`)
    return 1
  }
  process.stdout.write(`${made}\n`)
  return 0
}

const commands = { build, test, skewed }
const [command] = process.argv.slice(2)
if (command === undefined || !Object.hasOwn(commands, command)) {
  process.stderr.write('usage: node scripts/engine.mjs build | test | skewed\n')
  process.exitCode = 2
} else {
  process.exitCode = await commands[command]()
}
