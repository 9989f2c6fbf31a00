import type { Meta } from './meta.ts'
import { checkOverflowPage, eventIdOfKey, PageError, pageHeaderBytes } from './page.ts'
import { PageFile } from './page-file.ts'
import { PageSet } from './page-set.ts'
import { TreeWalk } from './tree-walk.ts'
import { walkFreePages } from './walk.ts'

/**
 * What is wrong with a file of LMDB's that is not the log's: one tree, whose keys are numbers and whose
 * entries have no versions. Undefined where it is sound. Nobody writes it, or a read transaction was
 * begun before.
 *
 * @param onKey hears the key of each entry
 */
export function faultOfPlainFile(
  path: string,
  onKey: (key: number) => void = () => {},
): string | undefined {
  return withPlainFile(path, (file, meta) => faultOfPages(file, meta, onKey))
}

/** What is wrong with its first pages, or its length: then LMDB could die of it where it is opened. */
export function faultOfPlainStart(path: string): string | undefined {
  return withPlainFile(path, () => undefined)
}

function withPlainFile(
  path: string,
  use: (file: PageFile, meta: Meta) => string | undefined,
): string | undefined {
  const file = new PageFile(path)
  try {
    if (file.bytes === 0) return 'it is empty'
    const meta = file.meta(false)
    if (meta === undefined) return 'it does not begin like one'
    if (typeof meta === 'string') return meta
    const bytesMin = (meta.lastPage + 1) * meta.pageBytes
    if (file.bytes < bytesMin) return `it has ${file.bytes} bytes of ${bytesMin}`
    if (meta.main.flags !== 0) return 'the meta page says that its entries are of another kind'
    return use(file, meta)
  } finally {
    file.close()
  }
}

function faultOfPages(
  file: PageFile,
  meta: Meta,
  onKey: (key: number) => void,
): string | undefined {
  const taken = new PageSet(meta.lastPage)
  const start = Buffer.alloc(pageHeaderBytes)
  const faults: string[] = []
  new TreeWalk({
    ...{ file, meta, taken, root: meta.main, numberOfKey: eventIdOfKey },
    onEntry: (key, data) => {
      onKey(key)
      if (faults.length > 0) throw new PageError('is left out')
      if (data.at !== undefined) return
      file.read(data.page * meta.pageBytes, start)
      checkOverflowPage(start, data.page, data.pages, meta.transaction)
    },
    onFault: (what) => faults.push(what),
  }).run()
  walkFreePages({ file, meta, taken, onFault: (what) => faults.push(what) })
  return faults[0]
}
