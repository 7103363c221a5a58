/**
 * Physical quantities as types of their own, so that no bare number crosses a door.
 *
 * Law: a value is converted once, at intake or for display; ranges are judged in the source unit (PROTOCOL 28).
 */
declare const unit: unique symbol

/** A number that carries its unit in its type; at run time a plain number. */
export type Quantity<Unit extends string> = number & { readonly [unit]: Unit }

/** Glucose mass concentration, milligrams per decilitre. */
export type MgPerDl = Quantity<'mg/dL'>
/** Glucose substance concentration, millimoles per litre. */
export type MmolPerL = Quantity<'mmol/L'>
/** Seconds since 1970-01-01T00:00:00Z, leap seconds ignored. */
export type UnixSeconds = Quantity<'s since 1970 UTC'>
/** A wall clock read as if it were UTC: seconds since 1970-01-01T00:00:00 on that clock. */
export type LocalSeconds = Quantity<'s since 1970 local clock'>
/** Units of insulin (IU). */
export type InsulinUnits = Quantity<'U'>
/** Mass in grams. */
export type Grams = Quantity<'g'>
/** A share of one hundred, 0–100. */
export type Percent = Quantity<'%'>

/** The unit a glucose value was written in at its source. */
export type GlucoseUnit = 'mg/dL' | 'mmol/L'

/**
 * Milligrams per decilitre in one millimole per litre of glucose: 18.01559.
 * Source: the constant that Tidepool and Nightscout store with (PROTOCOL 28); molar mass of glucose 180.1559 g/mol.
 */
export const MG_PER_DL_PER_MMOL_PER_L = 18.01559

/** Marks a plain number as a quantity; the only place where a cast to a unit is made. */
export function quantity<Q extends Quantity<string>>(value: number): Q {
  return value as Q
}

/** mmol/L → mg/dL, unrounded. */
export function toMgPerDl(value: MmolPerL): MgPerDl {
  return quantity<MgPerDl>(value * MG_PER_DL_PER_MMOL_PER_L)
}

/** mg/dL → mmol/L, unrounded. */
export function toMmolPerL(value: MgPerDl): MmolPerL {
  return quantity<MmolPerL>(value / MG_PER_DL_PER_MMOL_PER_L)
}
