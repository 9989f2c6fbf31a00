import './styles/base.css'
import './styles/shell.css'
import './styles/grid.css'
import './styles/order.css'
import './styles/chart.css'
import './styles/forms.css'
import './styles/compare.css'
import './styles/pulse.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { watchChart } from './chart/laid-out.ts'
import { watchPulse } from './pulse/pulse.ts'
import { watchHealth } from './server/health.ts'
import { loadMethods } from './server/methods.ts'
import { watchStorage } from './shell/storage.ts'
import { applyTheme } from './shell/theme.ts'

applyTheme()
watchHealth()
watchPulse()
watchChart()
watchStorage()
void loadMethods()
render(<App />, document.getElementById('app')!)
