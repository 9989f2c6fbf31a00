/** The chart of the machine, as `/chart.json` and `/chart.svg`. */
import type { DrawnChart, KeptChart } from '../../chart/kept-chart.ts'
import type { Config } from '../../config.ts'
import { ChartError } from '../../errors.ts'
import { jsonType, type Route, type RouteAnswer, type Routes } from './http.ts'

/** The drawing has its colours inside, and needs nothing else, wherever it is opened. */
const drawingPolicy = { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" }

export function chartRoutes(chart: KeptChart, { chartRetryMs }: Config): Routes {
  const retryAfter = String(Math.ceil(chartRetryMs / 1000))
  const route = (contentType: string, form: 'json' | 'svg', headers = {}): Route => ({
    role: null,
    async answer(request) {
      try {
        const drawn = await chart.drawn()
        return answerOf(drawn, form, contentType, headers, request.headers['if-none-match'])
      } catch (error) {
        if (!(error instanceof ChartError)) throw error
        const body = `${JSON.stringify({ error: error.message })}\n`
        const retry = { 'retry-after': retryAfter }
        return { status: 503, contentType: jsonType, body, headers: retry }
      }
    },
  })
  return {
    '/chart.json': route(jsonType, 'json'),
    '/chart.svg': route('image/svg+xml; charset=utf-8', 'svg', drawingPolicy),
  }
}

/** It may be kept, and is asked about again each time: another machine may be served here tomorrow. */
function answerOf(
  drawn: DrawnChart,
  form: 'json' | 'svg',
  contentType: string,
  besides: Readonly<Record<string, string>>,
  known: string | undefined,
): RouteAnswer {
  const { text: body, tag } = drawn[form]
  const etag = `"${tag}"`
  const headers = { ...besides, 'cache-control': 'no-cache', etag }
  return matches(known, etag)
    ? { status: 304, contentType, body: '', headers }
    : { status: 200, contentType, body, headers }
}

function matches(known: string | undefined, etag: string): boolean {
  if (known === undefined) return false
  return known.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '')))
}
