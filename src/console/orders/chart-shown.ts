/** Whether the chart of all orders stands beside the table: where there is room, unless it is said. */
import { computed, signal } from '@preact/signals'
import { matchesMedia } from '../platform.ts'
import { wantsChart } from '../route.ts'

const isWide = signal(false)
isWide.value = matchesMedia('(min-width: 1101px)', (matches) => {
  isWide.value = matches
})

export const isChartShown = computed(() => wantsChart.value ?? isWide.value)
