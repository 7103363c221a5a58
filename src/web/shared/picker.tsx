/** A few choices side by side, of which one holds: radio buttons drawn as a row. */
import { useId } from 'react'

export function Picker<T extends string | number>({
  label,
  options,
  name,
  picked,
  pick,
}: {
  readonly label: string
  readonly options: readonly T[]
  readonly name: (option: T) => string
  /** None at first, where the person has to choose. */
  readonly picked: T | undefined
  readonly pick: (option: T) => void
}) {
  const group = useId()
  return (
    <fieldset className="picker">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option} className={option === picked ? 'on' : ''}>
          <input type="radio" name={group} checked={option === picked} onChange={() => pick(option)} />
          {name(option)}
        </label>
      ))}
    </fieldset>
  )
}
