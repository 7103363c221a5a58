/** What the HTTP face says of studies: information sheets with what changed in them, and vouchers. No person's datum. */
import Type, { type Static } from 'typebox'
import { CountField, Hash32Field, InstitutionIdField, oneOf } from '../fields.ts'
import { closed, orNull } from '../shapes.ts'
import { InformationSheetDocument } from './sheet-document.ts'

/** One section as it differs between two sheets: paragraphs only in the new one, and only in the old one. */
export const SheetChanges = Type.Array(
  Type.Object(
    {
      kind: oneOf(['ADDED', 'REMOVED', 'CHANGED'] as const),
      id: Type.String(),
      title: Type.String(),
      added: Type.Array(Type.String()),
      removed: Type.Array(Type.String()),
    },
    closed,
  ),
)
export type SheetChanges = Static<typeof SheetChanges>

export const StudySheetAnswer = Type.Object(
  {
    study: Hash32Field,
    /** The version that a consent names. */
    information_sheet: Hash32Field,
    sheet: Type.Omit(InformationSheetDocument, []),
    /** Since the version that was asked about with `before`; null where none was. */
    changes: orNull(SheetChanges),
  },
  { ...closed, description: 'The present information sheet of a study, and what changed in it.' },
)

export const StudyVouchersAnswer = Type.Object(
  {
    study: Hash32Field,
    sites: Type.Array(
      Type.Object(
        {
          id: InstitutionIdField,
          batch: orNull(Type.Object({ root: Hash32Field, size: CountField, redeemed: CountField }, closed)),
        },
        closed,
      ),
    ),
  },
  { ...closed, description: 'Batches of participation vouchers of a study, as the ledger has them.' },
)
