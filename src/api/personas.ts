/**
 * Demo personas: virtual people whose keys a node gives to whoever sits before it, so that the app can be tried without
 * ceremony.
 *
 * Law: loopback only and simulated only (PROTOCOL 34): a real person's key never passes here, for these routes reach no
 * other people than those made by them.
 */
import Type, { type Static } from 'typebox'
import { InstitutionIdField, KeyField, NameField, oneOf } from './fields.ts'
import { closed } from './shapes.ts'

/** Whom the app serves; each has screens of its own. */
export const PERSONA_ROLES = ['patient', 'clinician', 'researcher', 'committee', 'operator'] as const
export type PersonaRole = (typeof PERSONA_ROLES)[number]

/** Handles of the virtual patients. */
export const PERSONAS = ['robin', 'noor'] as const
export const PersonaField = oneOf(PERSONAS)
export type PersonaName = Static<typeof PersonaField>

const HandleField = Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' })

const OfferShape = Type.Object(
  {
    /** Handle of who is offered; of a patient one of `PERSONAS`. */
    persona: HandleField,
    name: NameField,
    role: oneOf(PERSONA_ROLES),
  },
  closed,
)
export type Offer = Static<typeof OfferShape>

export const PersonasAnswer = Type.Object(
  { personas: Type.Array(OfferShape) },
  { ...closed, description: 'The virtual people that this node offers; none where it offers none.' },
)
export const PersonaAnswer = Type.Object(
  {
    persona: PersonaField,
    name: NameField,
    simulated: Type.Literal(true),
    /** 32 random bytes from which all keys of this virtual person come, base64url. */
    root: KeyField,
    custodian: InstitutionIdField,
    /** Origin that signatures name. */
    origin: Type.String({ pattern: '^https?://[A-Za-z0-9.:\\[\\]-]{1,255}$' }),
  },
  { ...closed, description: 'A virtual person, opened: made on first use, which takes some seconds.' },
)
export type PersonaAnswer = Static<typeof PersonaAnswer>

export const DemoStaffParams = Type.Object({ persona: HandleField }, closed)
export const DemoStaffAnswer = Type.Object(
  {
    persona: HandleField,
    name: NameField,
    simulated: Type.Literal(true),
    /** 32 random bytes: the Ed25519 seed that this virtual person signs with, base64url. */
    seed: KeyField,
    institution: InstitutionIdField,
    institution_name: NameField,
    /** The message keys that answers are signed with, base64url: of the institution, and of the node. */
    answers_by: Type.Object({ institution: KeyField, node: KeyField }, closed),
    /** Origin that signatures name. */
    origin: Type.String({ pattern: '^https?://[A-Za-z0-9.:\\[\\]-]{1,255}$' }),
  },
  { ...closed, description: 'A virtual person who works at an institution of this node.' },
)
export type DemoStaffAnswer = Static<typeof DemoStaffAnswer>
