/** A program: answers the memory question, and has run nothing before. */
import { serve } from '../child.ts'
import { type MemoryAnswer, measureMemory, type Plan } from './memory.ts'

serve<Omit<Plan, 'note'>, MemoryAnswer>(async (plan, say) => {
  say(await measureMemory({ ...plan, note: () => {} }))
})
