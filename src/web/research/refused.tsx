/** What was refused about a study: the sentence for its code, the place in the plan, and the node's own words beside it. */
import { isIsletError } from '../../vocabulary/index.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useResearchWords } from './words.ts'

export function Refused({ error, again }: { readonly error: unknown; readonly again?: () => void }) {
  const text = useResearchWords()
  const sentence = isIsletError(error) ? text.codes[error.code] : undefined
  if (!isIsletError(error) || sentence === undefined)
    return <Trouble error={error} {...(again === undefined ? {} : { again })} />
  const { field, line } = error.at ?? {}
  return (
    <div className="notice bad" role="alert">
      <p>
        <strong>{sentence}</strong>
      </p>
      {field === undefined && line === undefined ? null : <p>{text.place(String(field ?? ''), line)}</p>}
      <p className="quiet" lang="en">
        {error.message}
        {error.remedy === undefined ? '' : ` – ${error.remedy}`}
      </p>
    </div>
  )
}
