/** What `islet forecast sites` prints: what each site has of a common model, and what it brought to it. */
import { type Static, Type } from 'typebox'
import { orNull } from '../shapes.ts'

const count = Type.Integer({ minimum: 0 })
const error = Type.Number({ minimum: 0 })

export const ForecastSitesDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.sites/1'),
    data: Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
    rounds: Type.Integer({ minimum: 1 }),
    seed: count,
    rule: Type.String({ description: 'the rule of aggregation, in open mode' }),
    rows: Type.Array(
      Type.Object({
        site: Type.String(),
        people: count,
        windows: count,
        common_30_mgdl: orNull(error),
        common_60_mgdl: orNull(error),
        alone_30_mgdl: orNull(error),
        alone_60_mgdl: orNull(error),
        left_out_percent: orNull(error),
        contribution_mgdl: orNull(
          Type.Number({
            description:
              'Shapley value of the site’s updates: fall of the mean RMSE at 30 and 60 minutes; above 0 is good',
          }),
        ),
      }),
      { minItems: 1 },
    ),
    contribution: Type.Object({
      method: Type.Union([Type.Literal('exact'), Type.Literal('truncated')]),
      coalitions: count,
    }),
    jain: Type.Number({ description: 'of RMSE at 30 minutes over sites: 1 is equal' }),
    gini: Type.Number({ description: 'of RMSE at 30 minutes over sites: 0 is equal' }),
    worst: Type.Union([
      Type.Object({
        site: Type.String(),
        rmse_30_mgdl: error,
        gap_mgdl: orNull(
          Type.Number({ description: 'common − alone: above 0 the site is better off alone' }),
        ),
      }),
      Type.Null(),
    ]),
  },
  { $id: 'islet.forecast.sites/1', title: 'What each site has of a federated network, and what it brought' },
)
export type ForecastSitesDocument = Static<typeof ForecastSitesDocument>
