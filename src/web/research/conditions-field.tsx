/** What a vote asks for, or what was done about it: as long as the contract takes. */
const LONGEST = 2_000

export function ConditionsField({
  label,
  value,
  change,
}: {
  readonly label: string
  readonly value: string
  readonly change: (text: string) => void
}) {
  return (
    <label className="field">
      {label}
      <input value={value} maxLength={LONGEST} onChange={({ target }) => change(target.value)} />
    </label>
  )
}
