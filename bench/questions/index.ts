import type { Question } from '../question.ts'
import { broadcast } from './broadcast.ts'
import { gateway } from './gateway.ts'
import { latency } from './latency.ts'
import { lives } from './lives.ts'
import { memory } from './memory.ts'
import { replay } from './replay.ts'
import { size } from './size.ts'
import { stages } from './stages.ts'
import { throughput } from './throughput.ts'

/** In the order in which they are asked where none is named. */
export const questions: readonly Question[] = [
  throughput,
  latency,
  gateway,
  replay,
  broadcast,
  memory,
  size,
  lives,
  stages,
]
