/** What the desk of vouchers refuses, with what to do. */
import { IsletError } from '../../vocabulary/index.ts'

export function redeemed(): IsletError {
  return new IsletError(
    'VOUCHER_REDEEMED',
    'this voucher was redeemed already',
    {},
    { remedy: 'A voucher counts once, at one member.' },
  )
}

export function notAParticipant(): IsletError {
  return new IsletError(
    'NOT_A_PARTICIPANT',
    'no round of this study at this site that made a model used this person',
    {},
    { remedy: 'Vouchers are for having taken part; see: islet study mine' },
  )
}

export function issued(): IsletError {
  return new IsletError(
    'VOUCHERS_ISSUED',
    'the site issued its vouchers of this study already',
    {},
    { remedy: 'A site issues once; nobody can be added afterwards.' },
  )
}

export function alreadyClaimed(): IsletError {
  return new IsletError(
    'VOUCHER_CLAIMED',
    'this person gave the site another voucher already',
    {},
    { remedy: 'Restore the voucher of this person from a backup.' },
  )
}

export function unknownVoucher(): IsletError {
  return new IsletError(
    'VOUCHER_UNKNOWN',
    'this person has no voucher of this study at this site',
    {},
    { remedy: 'Claim one first: islet study credits --act claim --site SITE --person HANDLE' },
  )
}
