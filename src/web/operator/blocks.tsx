/** The ledger: its newest block, the blocks before it, and who puts them in order. */
import { useCallback, useState } from 'react'
import { parseInstant } from '../../vocabulary/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useAsked } from '../shared/use-asked.ts'
import { useOperatorWords } from './words.ts'

/** Blocks on one page. */
const PAGE = 10

export function Blocks({ person }: { readonly person: StaffPerson }) {
  const { nav, blocks: text } = useOperatorWords()
  const { language } = useSettings()
  const [until, setUntil] = useState<number>()
  const ask = useCallback(async () => {
    const query = { count: PAGE, ...(until === undefined ? {} : { until }) }
    const [head, { blocks }] = await Promise.all([person.read.head(), person.read.ledgerBlocks({ query })])
    return { head, blocks }
  }, [person, until])
  const { value, error, again } = useAsked(ask)
  const last = value?.blocks.at(-1)?.height ?? 0
  return (
    <section aria-labelledby="blocks-title">
      <h1 id="blocks-title">{nav.blocks}</h1>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      {value === undefined ? null : (
        <>
          <p className="lead" data-testid="head">
            {text.head(value.head.height, shownInstant(parseInstant(value.head.time), language))}{' '}
            <Fingerprint of={value.head.hash} />
          </p>
          {value.head.single_operator ? <p className="notice">{text.singleOperator}</p> : null}
          <DataTable
            label={nav.blocks}
            head={text.columns}
            rows={value.blocks.map(({ height, hash, time }) => ({
              key: hash,
              cells: [
                height,
                <Fingerprint key="hash" of={hash} />,
                shownInstant(parseInstant(time), language),
              ],
            }))}
          />
        </>
      )}
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => (until === undefined ? again() : setUntil(undefined))}
        >
          {text.newest}
        </button>
        <button type="button" className="button" disabled={last === 0} onClick={() => setUntil(last - 1)}>
          {text.older}
        </button>
      </div>
    </section>
  )
}
