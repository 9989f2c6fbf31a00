/** Reads a log for `ordinal verify`, in a process of its own, and tells its parent what it found. */
import type { Domain } from '../../domain.ts'
import { orderDomain } from '../../order/index.ts'
import { systemRuntime } from '../../runtime.ts'
import type { Progress } from '../../upkeep/progress.ts'
import { type Verdict, verifyLog } from '../../upkeep/verify.ts'
import { whatOf } from '../terminal.ts'

/** What it tells, one after the other; the last is a verdict or a failure. */
export type VerifyMessage =
  | { readonly progress: Progress }
  | { readonly verdict: Verdict }
  | { readonly failure: string }

const tell = (message: VerifyMessage) => process.send?.(message)
// Where nobody listens any more, nobody waits for what is found.
process.once('disconnect', () => process.exit(1))

const [folder = '', findingsMax = ''] = process.argv.slice(2)
verifyLog({
  folder,
  domain: orderDomain as unknown as Domain,
  findingsMax: Number(findingsMax),
  runtime: systemRuntime,
  onProgress: (progress) => tell({ progress }),
})
  .then((verdict) => tell({ verdict }))
  .catch((error) => tell({ failure: whatOf(error) }))
  .finally(() => {
    process.removeAllListeners('disconnect')
    process.disconnect()
  })
