/** Reads a CGM export and prints what its glucose says. Run: npx tsx examples/read-an-export.ts FILE */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { report, summaryText } from '../src/glycemia/index.ts'
import { readDocument } from '../src/intake/index.ts'

/** The summaries of everybody in a file, one text per person. */
export function summaries(bytes: Uint8Array): readonly string[] {
  const { rows, kept, format, people } = readDocument(bytes)
  return people.map(({ id, records }) => {
    const glucose = records.filter((record) => record.type === 'glucose')
    return `Person ${id}: ${kept} of ${rows} rows of this ${format} file are glucose\n${summaryText(report(glucose))}`
  })
}

const [, script, path] = process.argv
if (script === fileURLToPath(import.meta.url) && path !== undefined) {
  for (const text of summaries(readFileSync(path))) console.log(`${text}\n`)
}
