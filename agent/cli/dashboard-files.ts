import { readdir, readFile } from 'node:fs/promises';
import type { DashboardFile } from '../api/grafana.ts';

/**
 * The Grafana dashboards that came with this version: beside the bundle; where the agent runs from source, where they are
 * generated.
 */
export async function readDashboards(): Promise<readonly DashboardFile[]> {
  const fromSource = import.meta.url.endsWith('.ts');
  const folder = new URL(
    fromSource ? '../../dashboards/grafana/generated/' : './',
    import.meta.url,
  );
  const names = (await readdir(folder)).filter((name) => /^crossbill-[a-z-]+\.json$/.test(name));
  return Promise.all(
    names.toSorted().map(async (name) => {
      return { uid: name.slice(0, -5), text: await readFile(new URL(name, folder), 'utf8') };
    }),
  );
}
