/** `islet forecast dose` and what `islet forecast train` takes to learn from doses: their options. */
import { type Command, InvalidArgumentError, Option } from 'commander'

/** Adds what `dose` takes. */
export function doseOptions(command: Command): void {
  settings(command)
    .addOption(new Option('--carbs <grams>', 'carbohydrate of the meal').argParser(decimal))
    .option('--at <instant>', 'when the meal is eaten, RFC 3339 (default: the latest reading)')
    .option('--person <id>', 'whose dose, where the files hold several people')
}

/** Adds what training on doses takes to `train`. */
export function doseTraining(train: Command, naturalNumber: (text: string) => number): void {
  settings(train)
    .option('--doses', 'learn what meals and doses end in, for islet forecast dose')
    .addOption(
      new Option('--kind <name>', 'doses: boosting alone, or with a network’s forecasts among its columns')
        .choices(['boosting', 'hybrid'])
        .default('hybrid'),
    )
    .addOption(
      new Option('--virtual <people>', 'doses: of virtual patients instead of files').argParser(
        naturalNumber,
      ),
    )
}

function settings(command: Command): Command {
  return command
    .addOption(new Option('--carb-ratio <grams>', 'grams that one unit covers').argParser(decimal))
    .addOption(new Option('--correction-factor <mgdl>', 'fall that one unit brings').argParser(decimal))
    .addOption(new Option('--target <mgdl>', 'glucose that a correction aims at').argParser(decimal))
    .option('--therapy <file>', 'these three for each person id, as JSON')
    .addOption(new Option('--most-units <units>', 'largest single dose (15)').argParser(decimal))
    .addOption(
      new Option('--most-on-board <units>', 'largest sum with insulin on board (20)').argParser(decimal),
    )
    .addOption(
      new Option('--share <percent>', 'how far from the formula, at most 25 (25)').argParser(decimal),
    )
    .addOption(new Option('--increment <units>', 'step of the pen or pump (0.1)').argParser(decimal))
}

function decimal(text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('expected a number')
  return Number(text)
}
