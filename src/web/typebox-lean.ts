/**
 * Schemas in the browser: the constructors that the contract and the documents use, and nothing else of the library.
 *
 * Law: `bundle.json` puts this in place of `typebox`, for whose default export no bundler can leave anything out (some
 * 6 kB of gzip). A constructor that is missing here breaks every story in a browser at loading.
 */
import {
  Array as ArrayOf,
  Boolean as BooleanOf,
  Integer,
  Literal,
  Null,
  Number as NumberOf,
  Object as ObjectOf,
  Omit,
  Optional,
  Partial,
  Pick,
  Record,
  String as StringOf,
  Tuple,
  Union,
  Unknown,
  Unsafe,
} from 'typebox/type'

export const Type = {
  Array: ArrayOf,
  Boolean: BooleanOf,
  Integer,
  Literal,
  Null,
  Number: NumberOf,
  Object: ObjectOf,
  Omit,
  Optional,
  Partial,
  Pick,
  Record,
  String: StringOf,
  Tuple,
  Union,
  Unknown,
  Unsafe,
}
/** @alias Type */
// biome-ignore lint/style/noDefaultExport: it stands in for a package that has one
export default Type
