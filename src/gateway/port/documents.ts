/** Documents that whoever opens the engine has besides: each made when it is first asked for, and kept. */
import type { Config } from '../../config.ts'
import type { Runtime } from '../../runtime.ts'
import { jsonType, type Routes } from './http.ts'

/** By path, such as `/compare.json`: what makes the document, as JSON can hold it. */
export type Documents = Readonly<Record<string, () => Promise<object>>>

/** Where one could not be made, that is kept, too, for `chartRetryMs`, so that asking often costs nothing. */
export function documentRoutes(
  documents: Documents,
  { chartRetryMs }: Config,
  runtime: Runtime,
): Routes {
  const routes = Object.entries(documents).map(([path, make]) => {
    let made: Promise<string> | undefined
    const text = () => {
      made ??= make().then((document) => JSON.stringify(document))
      return made
    }
    const answer = async () => {
      const isFirst = made === undefined
      try {
        return { status: 200, contentType: jsonType, body: await text() }
      } catch (error) {
        if (!isFirst) return failed
        runtime.after(chartRetryMs, () => {
          made = undefined
        })
        throw error
      }
    }
    return [path, { role: null, answer }] as const
  })
  return Object.fromEntries(routes)
}

const failed = {
  status: 503,
  contentType: jsonType,
  body: '{"error":"It could not be made. Ask again in a while."}',
}
