import { DataFolderError, Fault } from '../../errors.ts'

/** What the system or LMDB will not do is said of the folder. */
export function sayingWhy<T>(folder: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new DataFolderError(`${folder} cannot be opened: ${reasonOf(error)}.`, { cause: error })
  }
}

export function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied'
    case 'EROFS':
      return 'the file system is read-only'
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a folder'
    case 'ENOSPC':
      return 'the disk is full'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open (ulimit -n says how many may be)'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
