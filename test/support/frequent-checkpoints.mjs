// Imported by a server before it starts: it writes checkpoints all the time, and keeps few orders.
import { defaults } from '../../dist/config.js'

Object.assign(defaults, { checkpointOrdersMax: 30, checkpointMs: 40, ordersKeptMax: 5 })
