/**
 * What the node remembers of the story it told: that it began, and how it ended.
 *
 * Laws: it is written before the first step, so that a story cut off by a crash is known as such; of a real person
 * nothing that was opened is written, only steps and counts.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { Story } from '../../api/index.ts'

const StoryRecord = Type.Object({
  schema: Type.Literal('islet.story-record/1'),
  state: Type.Union([Type.Literal('playing'), Type.Literal('finished')]),
  /** Whether it is about a person's own files. */
  own: Type.Boolean(),
  /** Folder of the person whom it is about. */
  person: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  story: Type.Union([Story, Type.Null()]),
})
export type StoryRecord = Static<typeof StoryRecord>

const NAME = 'story.json'

/** Reads the record of a data directory; undefined when there is none, or none that can be read. */
export async function readStoryRecord(directory: string): Promise<StoryRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(directory, NAME), 'utf8'))
    return Value.Check(StoryRecord, value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Writes the record, whole or not at all. Throws the system's codes of a disk that refuses. */
export async function writeStoryRecord(
  directory: string,
  record: Omit<StoryRecord, 'schema'>,
): Promise<void> {
  const path = join(directory, NAME)
  const story = record.story === null || !record.own ? record.story : { ...record.story, opened: null }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ schema: 'islet.story-record/1', ...record, story })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
