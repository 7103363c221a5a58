/**
 * What went wrong, said to a person: one sentence with what happened and what to do, by the code of the error.
 */
import { Component, type ReactNode } from 'react'
import { type IsletError, isIsletError } from '../../vocabulary/index.ts'
import { useSettings } from './settings.tsx'
import type { Words } from './words/en.ts'

/** The sentence for an error, where a screen has none of its own for the code. */
function troubleSentence(error: unknown, words: Words, own: Readonly<Record<string, string>>): string {
  const code = isIsletError(error) ? codeFor(error) : 'UNEXPECTED'
  return own[code] ?? words.trouble.codes[code] ?? words.trouble.other(code)
}

/** A sound answer that seems too old or too new says that this device's clock is wrong, not that somebody lies. */
function codeFor({ code, facts }: IsletError): string {
  return code === 'PEER_ANSWER_UNVERIFIED' && facts['reason'] === 'ANSWER_STALE' ? 'ORDER_STALE' : code
}

export function Trouble({
  error,
  again,
  codes = {},
}: {
  readonly error: unknown
  readonly again?: () => void
  /** What a screen says of codes that only it meets. */
  readonly codes?: Readonly<Record<string, string>>
}) {
  const { words } = useSettings()
  return (
    <div className="notice bad" role="alert">
      <p>
        <strong>{words.trouble.title}.</strong> {troubleSentence(error, words, codes)}
      </p>
      {again === undefined ? null : (
        <button type="button" className="button" onClick={again}>
          {words.trouble.again}
        </button>
      )}
    </div>
  )
}

/** Keeps the page standing when a screen breaks, and says so. */
export class TroubleBoundary extends Component<
  { readonly children: ReactNode },
  { readonly error: unknown; readonly broken: boolean }
> {
  override state = { error: undefined, broken: false }

  static getDerivedStateFromError(error: unknown) {
    return { error, broken: true }
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children
    return (
      <main id="content">
        <Trouble error={this.state.error} again={() => location.reload()} />
      </main>
    )
  }
}
