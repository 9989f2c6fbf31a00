import './styles/base.css'
import './styles/shell.css'
import './styles/grid.css'
import './styles/order.css'
import './styles/forms.css'
import './styles/pulse.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { watchPulse } from './pulse/pulse.ts'
import { watchHealth } from './server/health.ts'
import { loadMethods } from './server/methods.ts'
import { watchStorage } from './shell/storage.ts'
import { applyTheme } from './shell/theme.ts'

applyTheme()
watchHealth()
watchPulse()
watchStorage()
void loadMethods()
render(<App />, document.getElementById('app')!)
