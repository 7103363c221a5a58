/**
 * Figures of the node in the Prometheus text format; every name ends in its unit, no label holds what a caller wrote.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  readonly request: (route: string, method: string, status: number, seconds: number) => void
  readonly refusal: (code: string) => void
  readonly streams: (change: 1 | -1) => void
}

/** Figures of one server; other rooms register theirs with `registry`. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'islet_http_requests_total',
    help: 'Requests answered, by route of the contract and status',
    labelNames: ['route', 'method', 'status'],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'islet_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['route'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'islet_http_refusals_total',
    help: 'Requests refused, by code',
    labelNames: ['code'],
    registers: [registry],
  })
  const streams = new Gauge({
    name: 'islet_http_open_streams',
    help: 'Event streams now open',
    registers: [registry],
  })
  return {
    registry,
    request: (route, method, status, took) => {
      requests.inc({ route, method, status: String(status) })
      seconds.observe({ route }, took)
    },
    refusal: (code) => refusals.inc({ code }),
    streams: (change) => streams.inc(change),
  }
}
