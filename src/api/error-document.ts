/**
 * The one shape of a refusal, in every answer and on every command's stdout: `islet.error/1`.
 *
 * Law: a code for programs, words for people, the place and the remedy; never a stack, a secret or a health value.
 */
import Type, { type Static } from 'typebox'
import { isIsletError } from '../vocabulary/index.ts'
import { CodeField } from './fields.ts'

export const ErrorDocument = Type.Object(
  {
    schema: Type.Literal('islet.error/1'),
    error: Type.Object(
      {
        code: CodeField,
        message: Type.String({ maxLength: 500 }),
        at: Type.Optional(
          Type.Object(
            {
              file: Type.Optional(Type.String()),
              line: Type.Optional(Type.Integer()),
              field: Type.Optional(Type.String()),
            },
            { additionalProperties: false },
          ),
        ),
        remedy: Type.Optional(Type.String({ maxLength: 500 })),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false, description: 'A refusal: what, where, and what to do about it.' },
)
export type ErrorDocument = Static<typeof ErrorDocument>

/** A thrown value as the document; whatever is not an error of ours becomes `UNEXPECTED` without a word of its own. */
export function errorDocument(error: unknown): ErrorDocument {
  if (!isIsletError(error)) {
    return {
      schema: 'islet.error/1',
      error: { code: 'UNEXPECTED', message: 'something happened that should not have' },
    }
  }
  const { code, message, at, remedy } = error
  return {
    schema: 'islet.error/1',
    error: {
      code,
      message,
      ...(at === undefined ? {} : { at: { ...at } }),
      ...(remedy === undefined ? {} : { remedy }),
    },
  }
}
