/**
 * The story as the landing page shows it: steps with their checks, the ledger's head, the parties, what was opened.
 *
 * Law: a snapshot and the events after it give the same story as the next snapshot; every figure names its unit.
 */
import Type, { type Static } from 'typebox'
import {
  CountField,
  Hash32Field,
  InstantField,
  InstitutionIdField,
  InstitutionRoleField,
  NameField,
  oneOf,
  SecondsField,
} from './fields.ts'
import { closed, orNull } from './shapes.ts'

export const StoryCheck = Type.Object(
  { what: Type.String({ maxLength: 300 }), ok: Type.Boolean(), saw: Type.String({ maxLength: 500 }) },
  closed,
)
export type StoryCheck = Static<typeof StoryCheck>

export const StoryStep = Type.Object(
  {
    /** Name as in `islet demo`. */
    name: Type.String({ pattern: '^[a-z][a-z-]{0,30}$' }),
    /** What happens in it, one sentence. */
    title: Type.String({ maxLength: 200 }),
    state: oneOf(['waiting', 'running', 'passed', 'failed'] as const),
    seconds: orNull(SecondsField),
    checks: Type.Array(StoryCheck),
    /** While it runs: what it is about just now, and who is awaited until when. */
    underway: Type.Optional(Type.String({ maxLength: 300 })),
  },
  closed,
)
export type StoryStep = Static<typeof StoryStep>

export const StoryLedger = Type.Object(
  {
    height: CountField,
    hash: Hash32Field,
    time: InstantField,
    chain_id: CountField,
    engine: oneOf(['embedded', 'consortium'] as const),
    /** One operator orders the blocks: nothing but its word and the heads that others hold stops it from rewriting. */
    single_operator: Type.Boolean(),
  },
  closed,
)
export type StoryLedger = Static<typeof StoryLedger>

export const StoryInstitution = Type.Object(
  {
    id: InstitutionIdField,
    name: NameField,
    roles: Type.Array(InstitutionRoleField),
    state: oneOf(['active', 'suspended'] as const),
  },
  closed,
)
export type StoryInstitution = Static<typeof StoryInstitution>

export const StoryCounts = Type.Object(
  {
    patients: CountField,
    readings: CountField,
    /** Counted on the ledger by the read model: null until it is open. */
    grants: orNull(CountField),
    revokes: orNull(CountField),
    accesses: CountField,
    refusals: CountField,
    /** As grants. */
    anchors: orNull(CountField),
  },
  closed,
)
export type StoryCounts = Static<typeof StoryCounts>

/** What a reader opened under the grant: the glucose of whole UTC hours, shown on loopback only. */
export const StoryOpened = Type.Object(
  {
    reader: NameField,
    kind: Type.Literal('glucose'),
    from: InstantField,
    until: InstantField,
    readings: CountField,
    /** Minute of the local day and glucose in mg/dL, at most 2,000 points. */
    trace: Type.Array(
      Type.Object(
        {
          day: Type.Integer({ minimum: 0, maximum: 400 }),
          minute: Type.Integer({ minimum: 0, maximum: 1439 }),
          glucose_mgdl: Type.Number({ minimum: 0, maximum: 2000 }),
        },
        closed,
      ),
      { maxItems: 2_000 },
    ),
    mean_mgdl: orNull(Type.Number()),
    gmi_percent: orNull(Type.Number()),
    cv_percent: orNull(Type.Number()),
    tbr54_percent: orNull(Type.Number()),
    tbr70_percent: orNull(Type.Number()),
    tir_percent: orNull(Type.Number()),
    tar180_percent: orNull(Type.Number()),
    tar250_percent: orNull(Type.Number()),
  },
  closed,
)
export type StoryOpened = Static<typeof StoryOpened>

export const Story = Type.Object(
  {
    schema: Type.Literal('islet.story/1'),
    state: oneOf(['waiting', 'running', 'passed', 'failed'] as const),
    /** Whether the patients in it are virtual. */
    simulated: Type.Boolean(),
    started: orNull(InstantField),
    seconds: orNull(SecondsField),
    steps: Type.Array(StoryStep),
    ledger: orNull(StoryLedger),
    institutions: Type.Array(StoryInstitution),
    counts: StoryCounts,
    opened: orNull(StoryOpened),
  },
  { ...closed, description: 'The guided story of this node, as it stands.' },
)
export type Story = Static<typeof Story>

const event = <Name extends string, S extends Type.TSchema>(type: Name, value: S) =>
  Type.Object({ type: Type.Literal(type), value }, closed)

/** What may happen to a story; the first event of a stream is always a snapshot. */
export const StoryEvent = Type.Union([
  event('snapshot', Story),
  event('state', Type.Pick(Story, ['state', 'started', 'seconds'])),
  event('step', StoryStep),
  event('ledger', StoryLedger),
  event('institutions', Type.Array(StoryInstitution)),
  event('counts', StoryCounts),
  event('opened', orNull(StoryOpened)),
])
export type StoryEvent = Static<typeof StoryEvent>

/** A story before anything happened. */
export const EMPTY_STORY: Story = {
  schema: 'islet.story/1',
  state: 'waiting',
  simulated: false,
  started: null,
  seconds: null,
  steps: [],
  ledger: null,
  institutions: [],
  counts: { patients: 0, readings: 0, grants: null, revokes: null, accesses: 0, refusals: 0, anchors: null },
  opened: null,
}

/** The story after one more event; a step replaces its namesake or comes last. */
export function afterEvent(story: Story, event: StoryEvent): Story {
  switch (event.type) {
    case 'snapshot':
      return event.value
    case 'state':
      return { ...story, ...event.value }
    case 'step': {
      const known = story.steps.some((step) => step.name === event.value.name)
      const steps = known
        ? story.steps.map((step) => (step.name === event.value.name ? event.value : step))
        : [...story.steps, event.value]
      return { ...story, steps }
    }
    case 'ledger':
      return { ...story, ledger: event.value }
    case 'institutions':
      return { ...story, institutions: event.value }
    case 'counts':
      return { ...story, counts: event.value }
    case 'opened':
      return { ...story, opened: event.value }
    default:
      event satisfies never
      return story
  }
}
