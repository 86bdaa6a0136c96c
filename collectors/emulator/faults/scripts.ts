import { brokenScripts } from './broken.ts';
import { clockScripts } from './clocks.ts';
import { pageScripts } from './pages.ts';
import { refusalScripts } from './refusals.ts';
import { restatedScripts } from './restated.ts';
import type { FaultScript } from './script.ts';
import { wrongScripts } from './wrong.ts';

/** Every way for a cloud to be in trouble that has a name. */
export const faultScripts: readonly FaultScript[] = [
  ...refusalScripts,
  ...brokenScripts,
  ...wrongScripts,
  ...pageScripts,
  ...clockScripts,
  ...restatedScripts,
];
