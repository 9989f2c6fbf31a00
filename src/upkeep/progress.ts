/**
 * What is gone through: pages of a file, its bytes, events of a log, those of a copy that was made,
 * orders of a checkpoint.
 */
export type Stage = 'pages' | 'bytes' | 'events' | 'copy' | 'orders'

/** How far a piece of work has come. */
export interface Progress {
  readonly of: Stage
  readonly done: number
  readonly total: number
}

export type OnProgress = (progress: Progress) => void
