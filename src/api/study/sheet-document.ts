/** `islet.study.sheet/1`: what a person reads before they consent to a study. */
import Type, { type Static } from 'typebox'

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })

const SheetSection = Type.Object(
  {
    /** Stable over versions, so that a moved section is known again. */
    id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' }),
    title: text(200),
    text: Type.Array(text(2_000), { minItems: 1, maxItems: 50, description: 'paragraphs' }),
  },
  { additionalProperties: false },
)

export const InformationSheetDocument = Type.Object(
  {
    schema: Type.Literal('islet.study.sheet/1'),
    language: Type.String({ pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$', description: 'BCP 47' }),
    sections: Type.Array(SheetSection, { minItems: 1, maxItems: 100 }),
  },
  { $id: 'islet.study.sheet/1', title: 'The information sheet of a study', additionalProperties: false },
)
export type InformationSheetDocument = Static<typeof InformationSheetDocument>
