/**
 * The verbs of `islet`, their options, help and examples. Each verb's work is loaded when it is called.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { forecastVerbs } from './forecast-verbs.ts'
import { networkVerbs, seats } from './network-verbs.ts'
import { EXIT, type ExitCode, reportError, reportInterrupted, type Terminal, usage } from './outcome.ts'
import { studyVerbs } from './study-verbs.ts'
import { type Action, defaultDataDirectory, type SharedOptions } from './verb.ts'

const EXIT_HELP = `
Exit status: 0 done · 1 done, a check failed · 2 bad usage or input · 3 this machine cannot · 130 interrupted
`

function naturalNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

function port(text: string): number {
  const value = naturalNumber(text)
  if (value > 65_535) throw new InvalidArgumentError('a port lies between 0 and 65535')
  return value
}

/** Which ledger a new data directory gets; one that has a ledger keeps its own. */
function engineOption(): Option {
  return new Option('--engine <name>', 'ledger engine of a new data directory').choices([
    'embedded',
    'consortium',
  ])
}

/** Runs the command line; returns the exit code. */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  version: string,
): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done
  let shared: SharedOptions = sharedOptions(argv)

  const program = new Command('islet')
    .description(
      'Share diabetes data under consent that keys enforce, and let anyone entitled verify all of it.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined })
    .showSuggestionAfterError(true)
    .addHelpText('after', EXIT_HELP)

  function verb(
    usageLine: string,
    description: string,
    example: string,
    action: () => Promise<Action>,
    parent: Command = program,
  ): Command {
    const command = parent
      .command(usageLine)
      .description(description)
      .option('--json', 'exactly one JSON document on stdout')
      .option('--data <dir>', 'data directory (default: ISLET_DATA, else the platform’s own place)')
      .addOption(new Option('--seed <n>', 'seed wherever chance plays a part').argParser(naturalNumber))
      .option('--debug', 'print stack traces')
      .exitOverride()
      .configureOutput({ writeOut: terminal.out, writeErr: () => undefined })
      .showSuggestionAfterError(true)
      .addHelpText('after', `\nExample:\n  $ ${example}\n${EXIT_HELP}`)
    command.action(async (...args: readonly unknown[]) => {
      const options: Readonly<Record<string, unknown>> = command.opts()
      shared = {
        json: options['json'] === true,
        debug: options['debug'] === true,
        data: typeof options['data'] === 'string' ? options['data'] : defaultDataDirectory(),
        seed: typeof options['seed'] === 'number' ? options['seed'] : 1,
      }
      const positional = args.slice(0, -2).flatMap((value) => (Array.isArray(value) ? value : [value]))
      const run = await action()
      exit = await run(
        { ...shared, terminal, signal },
        positional.filter((value) => typeof value === 'string'),
        options,
      )
    })
    return command
  }

  verb(
    'read <file...>',
    'read any CGM export: what was kept and dropped, and the glucose report',
    'islet read Clarity_Export.csv --tz Europe/Berlin',
    async () => (await import('./read.ts')).read,
  )
    .option(
      '--format <name>',
      'instead of detecting it: dexcom-clarity, libreview, carelink, tidepool, nightscout, fhir, csv',
    )
    .option('--tz <zone>', 'IANA time zone of the person, where the file names none')
    .addOption(
      new Option('--unit <unit>', 'unit of glucose, where the file neither names nor shows it').choices([
        'mg/dL',
        'mmol/L',
      ]),
    )
    .addOption(
      new Option('--date-order <order>', 'order of day and month, where the file does not prove it').choices([
        'dmy',
        'mdy',
      ]),
    )
    .addOption(
      new Option('--range <preset>', 'target ranges')
        .choices(['standard', 'older', 'pregnancy'])
        .default('standard'),
    )
    .addOption(
      new Option('--out-of-range <rule>', 'textual Low and High').choices(['count', 'omit']).default('count'),
    )
    .option('--svg <file>', 'also draw the profile as SVG')

  verb(
    'start',
    'start the node; on an empty data directory it plays the guided story first',
    'islet start --port 8080',
    async () => (await import('./start.ts')).start,
  )
    .option('--import <file...>', 'play the story on your own export')
    .option('--ephemeral', 'keep nothing: a directory of its own, wiped at exit')
    .option('--apart', 'every institution in a process, a data directory and at an address of its own')
    .addOption(engineOption())
    .option('--local <n>', 'validators of a consortium on this machine, 4 to 10', seats)
    .option(
      '--anchor <file>',
      'a block of the consortium (islet network anchor) that its nodes must show, now and at every later start',
    )
    .option(
      '--passphrase-file <file>',
      'passphrase of your own data: its first line (else ISLET_PASSPHRASE, else asked)',
    )
    .option('--recovery-file <file>', 'write the recovery code there instead of showing it')
    .addOption(
      new Option('--port <n>', 'port to listen on; with --apart the first of ten')
        .argParser(port)
        .default(8080),
    )
    .option(
      '--host <address>',
      'address to listen on (loopback unless said; demo personas work on loopback only)',
      '127.0.0.1',
    )
    .option('--tz <zone>', 'time zone of the imported files')
    .addOption(
      new Option('--date-order <order>', 'order of day and month in the imported files').choices([
        'dmy',
        'mdy',
      ]),
    )

  verb(
    'demo',
    'play the story from import to verification, check every step, then exit',
    'islet demo --import Clarity_Export.csv --json',
    async () => (await import('./demo.ts')).demo,
  )
    .option('--import <file>', 'play it on your own export')
    .option('--apart', 'every institution in a process and data directory of its own')
    .addOption(engineOption())
    .option('--local <n>', 'validators of a consortium on this machine, 4 to 10', seats)
    .option('--tz <zone>', 'time zone of the imported file')
    .addOption(
      new Option('--date-order <order>', 'order of day and month in the imported file').choices([
        'dmy',
        'mdy',
      ]),
    )

  verb(
    'export <dir>',
    'write everything an auditor needs into a directory',
    'islet export ./dump',
    async () => (await import('./export.ts')).exportDump,
  ).addOption(
    new Option(
      '--objects <rule>',
      'the sealed objects themselves, or their names and sizes only (smaller; what was stored cannot be checked then)',
    )
      .choices(['included', 'names'])
      .default('included'),
  )

  verb(
    'verify <dump>',
    'verify a dump, a model passport or a consent’s proof without a node, a network or a person’s key',
    'islet verify ./dump --anchor heads/north-clinic.json',
    async () => (await import('./verify.ts')).verify,
  )
    .option(
      '--anchor <file...>',
      'signed heads that others hold, or a proof’s block; without one the dump is only checked against itself',
    )
    .option('--dump <dir>', 'of a passport: the dump whose ledger it is compared with')

  verb(
    'recover',
    'set a new passphrase for your own data with the recovery code',
    'islet recover',
    async () => (await import('./recover.ts')).recover,
  )
    .option('--recovery-file <file>', 'read the recovery code from its first line instead of asking')
    .option(
      '--passphrase-file <file>',
      'the new passphrase: its first line (else ISLET_PASSPHRASE, else asked twice)',
    )

  verb(
    'doctor',
    'what is wrong with this machine or data directory, and how to mend it',
    'islet doctor',
    async () => (await import('./doctor.ts')).doctor,
  )

  verb(
    'backup <file>',
    'write the data directory into one file',
    'islet backup islet-2026-11-21.tar.gz',
    async () => (await import('./backup.ts')).backup,
  )
  verb(
    'restore <file>',
    'restore a backup into an empty data directory',
    'islet restore islet-2026-11-21.tar.gz --data ./restored',
    async () => (await import('./backup.ts')).restore,
  )

  forecastVerbs(program, verb, naturalNumber)
  networkVerbs(program, verb)
  studyVerbs(program, verb)

  verb(
    'schema [name]',
    'the JSON Schema of a document that the command prints',
    'islet schema islet.read/1',
    async () => (await import('./schema.ts')).schema,
  )

  verb(
    'bench [name]',
    'measure this machine: ratios against a baseline of the same run',
    'islet bench vault --json',
    async () => (await import('./bench.ts')).bench,
  ).option('--local <n>', 'validators that the bench of the consortium starts', seats)

  try {
    if (argv.length === 0) {
      terminal.out(program.helpInformation())
      return EXIT.badInput
    }
    await program.parseAsync([...argv], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      if (error.code === 'commander.help') {
        terminal.err(program.helpInformation())
        return EXIT.badInput
      }
      const [message = 'bad usage', hint] = error.message.replace(/^error: /, '').split('\n')
      const remedy = hint?.replace(/^\(|\)$/g, '') ?? 'see islet --help, or islet VERB --help'
      return reportError(usage(message, remedy), terminal, shared)
    }
    if (signal.aborted) return reportInterrupted(terminal, shared)
    return reportError(error, terminal, shared)
  }
}

/** The shared options as far as they can be told before parsing, so that a usage error honours `--json`. */
function sharedOptions(argv: readonly string[]): SharedOptions {
  return {
    json: argv.includes('--json'),
    debug: argv.includes('--debug'),
    data: defaultDataDirectory(),
    seed: 1,
  }
}
