import type { Context } from 'hono';
import * as z from 'zod';
import { alertingYaml, dashboardsYaml, datasourcesYaml } from './grafana-provisioning.ts';
import { ProblemError } from './problem.ts';

/** One dashboard as Grafana takes it. */
export interface DashboardFile {
  readonly uid: string;
  /** JSON. */
  readonly text: string;
}

/** What Grafana is told with. */
export interface GrafanaDeps {
  /** Read anew each time: nobody asks for them twice a day. */
  dashboards(): Promise<readonly DashboardFile[]>;
  /** Where Grafana reaches the agent. */
  readonly url: string;
}

/** Where Grafana finds the files, unless its owner says otherwise. */
export const dashboardFolder = '/etc/grafana/crossbill/dashboards';

const told = z.object({
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
});

type Answer = (c: Context) => Promise<Response>;

/**
 * The paths under `/grafana` with what answers them; whether the asker may is asked before.
 * @param hasTokens whether the agent wants one from Grafana
 */
export function grafanaAnswers(
  grafana: GrafanaDeps,
  hasTokens: boolean,
): Readonly<Record<string, Answer>> {
  return {
    async '/grafana/dashboards'(c) {
      const files = await grafana.dashboards();
      return c.json(
        files.map(({ uid, text }) => {
          const { title, description, tags } = told.parse(JSON.parse(text));
          return { uid, title, description, tags: tags.join(','), path: pathOf(uid) };
        }),
      );
    },
    async '/grafana/dashboards/{file}'(c) {
      const file = c.req.param('file') ?? '';
      const files = await grafana.dashboards();
      const found = files.find(({ uid }) => `${uid}.json` === file);
      if (found !== undefined) {
        return c.body(found.text, 200, { 'Content-Type': 'application/json' });
      }
      const known = files.map(({ uid }) => pathOf(uid)).join(', ');
      throw new ProblemError('not-found', `no such dashboard; there are ${known}`);
    },
    '/grafana/provisioning/datasources.yaml': async (c) =>
      yaml(c, datasourcesYaml({ url: grafana.url, hasTokens })),
    '/grafana/provisioning/dashboards.yaml': async (c) => yaml(c, dashboardsYaml(dashboardFolder)),
    '/grafana/provisioning/alerting.yaml': async (c) => yaml(c, alertingYaml()),
  };
}

function pathOf(uid: string): string {
  return `/grafana/dashboards/${uid}.json`;
}

function yaml(c: Context, text: string): Response {
  return c.body(text, 200, { 'Content-Type': 'application/yaml; charset=utf-8' });
}
