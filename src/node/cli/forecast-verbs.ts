/** The verbs under `islet forecast`, their options, help and examples. */
import { type Command, Option } from 'commander'
import { doseOptions, doseTraining } from './dose-options.ts'
import type { MakeVerb } from './verb.ts'

/** Adds `forecast` and its verbs. */
export function forecastVerbs(
  program: Command,
  verb: MakeVerb,
  naturalNumber: (text: string) => number,
): void {
  const forecast = program
    .command('forecast')
    .description('forecast glucose: judge models on your own exports, attack them, train one and use it')

  const reading = (command: Command): Command =>
    command
      .option(
        '--format <name>',
        'instead of detecting it: dexcom-clarity, libreview, carelink, tidepool, nightscout, fhir, csv',
      )
      .option('--tz <zone>', 'IANA time zone of the people, where a file names none')
      .addOption(
        new Option('--unit <unit>', 'unit of glucose, where a file neither names nor shows it').choices([
          'mg/dL',
          'mmol/L',
        ]),
      )
      .addOption(
        new Option('--date-order <order>', 'order of day and month, where a file does not prove it').choices([
          'dmy',
          'mdy',
        ]),
      )

  reading(
    verb(
      'evaluate <file...>',
      'judge every model on the same windows; persistence and ridge stand first',
      'islet forecast evaluate people.csv --models local,fedavg,pooled',
      async () => (await import('./forecast-evaluate.ts')).forecastEvaluate,
      forecast,
    ),
  )
    .addOption(
      new Option('--protocol <name>', 'W: split by time; F: few people, cold start; subject: people held out')
        .choices(['W', 'F', 'subject'])
        .default('W'),
    )
    .addOption(new Option('--sites <n>', 'sites to divide the people into (10)').argParser(naturalNumber))
    .addOption(new Option('--rounds <n>', 'federated rounds (30; protocol F 15)').argParser(naturalNumber))
    .addOption(
      new Option('--days <n>', 'protocol F: days of data a site learns from (3)').argParser(naturalNumber),
    )
    .option('--models <names>', 'comma-separated; persistence and ridge are always there (default: all)')
    .addOption(
      new Option(
        '--context <mode>',
        'gaps inside the context: gridded draws a line, online holds the last value',
      )
        .choices(['gridded', 'online'])
        .default('gridded'),
    )
    .addOption(
      new Option('--outliers <rule>', 'readings outside 20–600 mg/dL or moving faster than 10 mg/dL a minute')
        .choices(['keep', 'drop'])
        .default('keep'),
    )
    .addOption(new Option('--stride <n>', 'cells between training windows').argParser(naturalNumber))

  reading(
    verb(
      'attack <file...>',
      'what lying sites do to a federated network, and what each rule takes back',
      'islet forecast attack people.csv --attack sign-flip --attackers 2',
      async () => (await import('./forecast-attack.ts')).forecastAttack,
      forecast,
    ),
  )
    .addOption(
      new Option('--attack <name>', 'one attack (default: all)').choices([
        'sign-flip',
        'label-shift',
        'scale',
        'nan',
        'random',
        'free-rider',
        'backdoor',
      ]),
    )
    .addOption(new Option('--attackers <n>', 'sites that lie: a number, 1,3 or 0-4 (2)'))
    .option('--rules <names>', 'comma-separated: median, trimmed-mean, multi-krum, norm-clip, fltrust (all)')
    .addOption(new Option('--sites <n>', 'sites to divide the people into (10)').argParser(naturalNumber))
    .addOption(new Option('--rounds <n>', 'federated rounds (10)').argParser(naturalNumber))
    .addOption(new Option('--stride <n>', 'cells between training windows').argParser(naturalNumber))

  reading(
    verb(
      'sites <file...>',
      'what each site has of the federated network, and what it brought',
      'islet forecast sites people.csv --sites 10',
      async () => (await import('./forecast-sites.ts')).forecastSites,
      forecast,
    ),
  )
    .addOption(new Option('--sites <n>', 'sites to divide the people into (10)').argParser(naturalNumber))
    .addOption(new Option('--rounds <n>', 'federated rounds (30)').argParser(naturalNumber))
    .addOption(new Option('--stride <n>', 'cells between training windows').argParser(naturalNumber))

  const train = reading(
    verb(
      'train [file...]',
      'train one forecaster on everybody in the files and write it',
      'islet forecast train people.csv --out forecaster.json',
      async () => (await import('./forecast-train.ts')).forecastTrain,
      forecast,
    ),
  )
    .option('--out <model>', 'where to write the model')
    .addOption(new Option('--stride <n>', 'cells between training windows').argParser(naturalNumber))
  doseTraining(train, naturalNumber)

  reading(
    verb(
      'predict <model> <file...>',
      'forecast the next hour of everybody in a file',
      'islet forecast predict forecaster.json Clarity_Export.csv --svg forecast.svg',
      async () => (await import('./forecast-predict.ts')).forecastPredict,
      forecast,
    ),
  ).option('--svg <file>', 'also draw the first person’s forecast')

  doseOptions(
    reading(
      verb(
        'dose <model> <file...>',
        'propose a dose for a meal: bounded help beside the formula, explained, unsigned',
        'islet forecast dose doses.json export.csv --carbs 60 --carb-ratio 10 --correction-factor 40 --target 110',
        async () => (await import('./forecast-dose.ts')).forecastDose,
        forecast,
      ),
    ),
  )
}
