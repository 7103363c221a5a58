/** A reading is corrected: readers get the correction, and the original stays, proven as before. */
import { within } from '../material.ts'
import { need, type Stage } from '../stage.ts'

export async function correct(stage: Stage): Promise<void> {
  const { person, material, remainingReader, consortium } = stage
  const remaining = need(stage.progress.remaining, 'the remaining consent')
  const original = need(
    material.records.find((record) => record.type === 'glucose' && within(material.window, record.at)),
    'a reading to correct',
  )
  if (original.type !== 'glucose') return
  const replacement = { ...original, value: original.value + 1 }
  await person.agent.correct({ original, replacement })
  await consortium.tick(true)
  const now = await remainingReader.read(remaining)
  const values = now.records.flatMap((record) =>
    record.type === 'glucose' && record.at === original.at ? [record.value] : [],
  )
  stage.check(
    'the reader gets the corrected reading',
    values.includes(replacement.value) && !values.includes(original.value),
    `${values.length} reading at that instant`,
  )
  const history = await remainingReader.read(remaining, { history: true })
  const kept = history.chunks.some(
    (chunk) =>
      chunk.anchor.code === 'ANCHORED' &&
      chunk.records.some(
        (record) => record.type === 'glucose' && record.at === original.at && record.value === original.value,
      ),
  )
  stage.check(
    'the original stays in its earlier revision, under its root on the ledger',
    kept,
    kept ? 'kept' : 'gone',
  )
  await person.agent.correct({ original: replacement, replacement: original })
  const back = await remainingReader.read(remaining)
  const restored = back.records.some(
    (record) => record.type === 'glucose' && record.at === original.at && record.value === original.value,
  )
  stage.check(
    'corrected back, the readings are the source’s again',
    restored,
    restored ? 'equal' : 'different',
  )
  stage.note({ accesses: 3 })
}
