/** `islet.demo/1`: the story, step by step, each check with what it saw. */
import { type Static, Type } from 'typebox'
import { oneOf } from '../fields.ts'

/** The story's steps in their order (COMMANDS). */
export const STORY_STEPS = [
  'join',
  'import',
  'seal',
  'anchor',
  'request',
  'narrow',
  'grant',
  'open',
  'outside',
  'report',
  'expire',
  'revoke',
  'after-revoke',
  'correct',
  'tamper',
  'study',
  'passport',
  'erase',
  'verify',
] as const
export type StoryStep = (typeof STORY_STEPS)[number]

export const Check = Type.Object({
  what: Type.String({ description: 'what was tried, as a sentence' }),
  ok: Type.Boolean(),
  saw: Type.String({
    description: 'what really happened: a code, a count, a hash; never a health value of the user',
  }),
})
export type Check = Static<typeof Check>

export const Step = Type.Object({
  name: oneOf(STORY_STEPS),
  ok: Type.Boolean(),
  seconds: Type.Number({ minimum: 0 }),
  checks: Type.Array(Check),
})
export type Step = Static<typeof Step>

export const DemoDocument = Type.Object(
  {
    schema: Type.Literal('islet.demo/1'),
    ok: Type.Boolean(),
    seconds: Type.Number({ minimum: 0 }),
    engine: Type.Union([Type.Literal('embedded'), Type.Literal('consortium')]),
    steps: Type.Array(Step),
    dump: Type.Union([Type.String(), Type.Null()], { description: 'the directory that verify was run on' }),
  },
  { $id: 'islet.demo/1', title: 'The story and its checks' },
)
export type DemoDocument = Static<typeof DemoDocument>
