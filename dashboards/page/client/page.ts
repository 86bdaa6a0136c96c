import { enhanceCharts } from './charts.ts';
import { keepLive } from './live.ts';
import { offerThemes } from './theme.ts';

// All figures stand in the page already. This keeps them fresh, lets charts answer the pointer, and changes the theme.
offerThemes();
void enhanceCharts();
if (document.body.dataset['live'] === 'yes') keepLive(() => void enhanceCharts());
