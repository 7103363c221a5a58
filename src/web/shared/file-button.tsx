/**
 * A button that chooses files, in the words of the app: the browser's own speaks the browser's language.
 *
 * Law: the native field stays what the keyboard and a screen reader meet; only its picture is ours.
 */
import { useState } from 'react'
import { useSettings } from './settings.tsx'

export function FileButton({
  label,
  accept,
  folder = false,
  take,
}: {
  readonly label: string
  readonly accept?: string
  /** A whole folder with what lies in it. */
  readonly folder?: boolean
  readonly take: (files: readonly File[]) => void
}) {
  const { file: text } = useSettings().words
  const [chosen, setChosen] = useState<readonly File[]>([])
  const [first] = chosen
  const choose = (files: readonly File[]): void => {
    setChosen(files)
    if (files.length > 0) take(files)
  }
  return (
    <label className="file">
      {label}
      <input
        type="file"
        className="away"
        {...(accept === undefined ? {} : { accept })}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={({ target }) => choose([...(target.files ?? [])])}
      />
      <span className="row" aria-hidden="true">
        <span className="button">{folder ? text.folder : text.choose}</span>
        <span className="quiet">
          {first === undefined ? text.none : chosen.length === 1 ? first.name : text.several(chosen.length)}
        </span>
      </span>
    </label>
  )
}
