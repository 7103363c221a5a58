/** How answers are put together: an object without members that it does not name, a member that may be unknown. */
import Type from 'typebox'

/** Refuses members that are not named. */
export const closed = { additionalProperties: false } as const

/** Null where it is not known. */
export const orNull = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()])
