/** The verbs under `islet study`, their options, help and examples. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { MakeVerb } from './verb.ts'

function wholeDays(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('a whole number of days from 1 to 9999')
  return Number(text)
}

/** Adds `study` and its verbs. */
export function studyVerbs(program: Command, verb: MakeVerb): void {
  const study = program
    .command('study')
    .description('plan a study, have it approved, follow it, and verify the model that came of it')
  const govern = async () => await import('./study-govern.ts')

  verb(
    'init [dir]',
    'write a plan and an information sheet to begin with',
    'islet study init ./my-study',
    async () => (await import('./study-init.ts')).studyInit,
    study,
  )
    .option('--from <day>', 'first day of the data, in UTC (default: 90 days ago)')
    .option('--until <day>', 'day on which the data end (default: today)')
    .option('--minimum-days <n>', 'days of data that a person must have', wholeDays, 7)
  verb(
    'feasibility <plan>',
    'ask sites about how many people have what a plan needs: noised, rounded to ten, on a budget',
    'islet study feasibility study.yaml --as meadow --json',
    async () => (await import('./study-feasibility.ts')).studyFeasibility,
    study,
  )
    .option('--as <institution>', 'handle of the institution that asks', 'meadow')
    .option('--site <institution...>', 'handles of the sites that are asked (default: all of this node)')
  verb(
    'submit <plan>',
    'apply with a plan; with --study, replace the plan of a study, which voids every approval',
    'islet study submit study.yaml --as meadow',
    async () => (await govern()).studySubmit,
    study,
  )
    .option('--sheet <file>', 'the information sheet (default: sheet.yaml beside the plan)')
    .option('--study <id>', 'the study whose plan is replaced: its id or the beginning of it')
    .option('--as <institution>', 'handle of the institution that applies', 'meadow')
  verb(
    'approve [study]',
    'decide for an institution: its seat on the committee, or its own site',
    'islet study approve --as north --office site',
    async () => (await govern()).studyApprove,
    study,
  )
    .requiredOption('--as <institution>', 'handle of the institution that decides')
    .addOption(
      new Option('--office <office>', 'which office decides')
        .choices(['committee', 'site'])
        .default('committee'),
    )
    .addOption(
      new Option('--verdict <verdict>', 'what the seat votes for')
        .choices(['approve', 'reject', 'renew', 'revoke', 'recuse'])
        .default('approve'),
    )
    .option('--until <instant>', 'end of the approval (default: thirty days from now)')
    .option('--conditions <text>', 'conditions of the approval, which the applicant must accept')
  verb(
    'open [study]',
    'open an approved study for consent; accepts the committee’s conditions when --conditions repeats them',
    'islet study open',
    async () => (await govern()).studyOpen,
    study,
  ).option('--conditions <text>', 'the conditions, word for word')
  verb(
    'withdraw [study]',
    'take a person out of a study, or a site at once, or an application back; an applicant ends an open study',
    'islet study withdraw --person 1f2e',
    async () => (await govern()).studyWithdraw,
    study,
  )
    .option('--person <handle>', 'the person who leaves: every consent to the study is revoked')
    .option('--as <institution>', 'handle of the site that leaves, or of the applicant')
  verb(
    'join [study]',
    'show a person the information sheet, or what changed in it; with --sheet, consent to that version',
    'islet study join --site north --sheet 0x1a2b',
    async () => (await import('./study-persons.ts')).studyJoin,
    study,
  )
    .requiredOption('--site <institution>', 'handle of the site that may use the data')
    .option('--person <handle>', 'who consents (default: the only person whose data lie at the site)')
    .option('--sheet <hash>', 'the version of the sheet that was read: its hash or the beginning of it')
  verb(
    'run [study]',
    'run the rounds at the sites of this node, then write the model passport',
    'islet study run --out passport.json',
    async () => (await import('./study-run.ts')).studyRun,
    study,
  )
    .option('--out <file>', 'write the passport there')
    .addOption(
      new Option(
        '--patience <seconds>',
        'how long a ledger that takes nothing is waited for (default: until it is back)',
      ).argParser(patience),
    )
  verb(
    'audit [study]',
    'do the rounds of the sites here again, from their own data to the committed hashes',
    'islet study audit --json',
    async () => (await import('./study-audit.ts')).studyAudit,
    study,
  ).option('--out <file>', 'write the passport there, with what was audited')
  verb(
    'suspend <member>',
    'vote that a member be suspended, or with --reinstate taken back: enough members decide, on the ledger',
    'islet study suspend lantern --as north',
    async () => (await import('./study-suspend.ts')).studySuspend,
    study,
  )
    .requiredOption('--as <institution>', 'handle of the institution that votes')
    .option('--reinstate', 'vote that a suspended member be taken back')
  verb(
    'contribution [study]',
    'what each site’s updates were worth: once per study, in open mode, recorded on the ledger',
    'islet study contribution --json',
    async () => (await import('./study-contribution.ts')).studyContributionVerb,
    study,
  )
  verb(
    'exchange [study]',
    'fetch the complete days that a study with daily data still lacks; a running node does it by itself',
    'islet study exchange --json',
    async () => (await import('./study-exchange.ts')).studyExchange,
    study,
  )
  verb(
    'extract [study]',
    'write single records, de-identified, where plan and consents name an extract',
    'islet study extract --out extract.json',
    async () => (await import('./study-extract.ts')).studyExtract,
    study,
  ).requiredOption('--out <file>', 'write the extract there')
  verb(
    'credits [study]',
    'vouchers for taking part: what stands, or claim one, issue a site’s, redeem one',
    'islet study credits --act claim --site north --person 1f2e',
    async () => (await import('./study-credits.ts')).studyCreditsVerb,
    study,
  )
    .addOption(
      new Option('--act <act>', 'what to do').choices(['show', 'claim', 'issue', 'redeem']).default('show'),
    )
    .option('--site <institution>', 'handle of the site where the person took part')
    .option('--person <handle>', 'whose voucher (default: the only person of this data directory)')
    .option('--at <institution>', 'member at which the voucher is redeemed (default: the site)')
  verb(
    'mine',
    'every round and every model that learned from a person, with proofs checked here',
    'islet study mine --json',
    async () => (await import('./study-persons.ts')).studyMine,
    study,
  ).option('--person <handle>', 'whose (default: the only person of this data directory)')
  verb(
    'status [study]',
    'where a study stands: approvals, rounds, who is awaited and until when',
    'islet study status --json',
    async () => (await govern()).studyStatusVerb,
    study,
  )
  verb(
    'verify <passport>',
    'verify a model passport without a node',
    'islet study verify passport.json --dump ./dump --anchor heads/north-clinic.json',
    async () => (await import('./study-verify.ts')).studyVerify,
    study,
  )
    .option('--dump <dir>', 'what islet export wrote: the passport is compared with the ledger in it')
    .option('--anchor <file...>', 'signed heads that others hold, which fix the past of that ledger')
  verb(
    'registry',
    'every model that studies of this node made, with its state and its results',
    'islet study registry',
    async () => (await import('./study-registry.ts')).studyRegistry,
    study,
  )
}

function patience(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('expected whole seconds')
  return Number(text)
}
