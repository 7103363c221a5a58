/** A place for files: chosen with the keyboard or dropped, which comes to the same. */
import type { DragEvent } from 'react'

export function FileDrop({
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
  const onDrop = (event: DragEvent): void => {
    event.preventDefault()
    take([...event.dataTransfer.files])
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way beside the file button inside
    <div className="card" onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      <label className="field">
        {label}
        <input
          type="file"
          {...(accept === undefined ? {} : { accept })}
          {...(folder ? { webkitdirectory: '' } : {})}
          onChange={({ target }) => take([...(target.files ?? [])])}
        />
      </label>
    </div>
  )
}
