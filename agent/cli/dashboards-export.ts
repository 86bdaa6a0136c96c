import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { dashboardFolder } from '../api/grafana.ts';
import { alertingYaml, dashboardsYaml, datasourcesYaml } from '../api/grafana-provisioning.ts';
import type { Config } from '../config/schema.ts';
import type { Platform } from './platform.ts';
import { readConfig } from './settings.ts';
import { WrongUseError } from './wrong-use.ts';

/** As it was typed. */
export interface DashboardsExportOptions {
  readonly config: string;
  readonly url?: string;
  readonly dashboardsPath?: string;
}

/**
 * `crossbill dashboards export`: `dashboards/<uid>.json` and `provisioning/{datasources,dashboards,alerting}/crossbill.yaml`,
 * laid out as Grafana's own provisioning folder is.
 */
export async function dashboardsExportVerb(
  platform: Platform,
  folder: string,
  { config, url, dashboardsPath = dashboardFolder }: DashboardsExportOptions,
): Promise<number> {
  const source =
    url === undefined
      ? sourceOf(readConfig(platform, config).config)
      : { url: webUrl('--url', url), hasTokens: true };
  const dashboards = await platform.dashboards();
  const files = new Map([
    ...dashboards.map(({ uid, text }) => [`dashboards/${uid}.json`, text] as const),
    ['provisioning/datasources/crossbill.yaml', datasourcesYaml(source)],
    ['provisioning/dashboards/crossbill.yaml', dashboardsYaml(dashboardsPath)],
    ['provisioning/alerting/crossbill.yaml', alertingYaml()],
  ]);
  for (const [name, text] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  platform.err.write(
    [
      `${dashboards.length} dashboards and their provisioning are in ${resolve(folder)}.`,
      `Grafana needs the plugin yesoreyeram-infinity-datasource, and finds the dashboards at ${dashboardsPath}.`,
      ...(source.hasTokens
        ? ['It reads CROSSBILL_TOKEN, a token of scope read, from its own environment.']
        : []),
      '',
    ].join('\n'),
  );
  return 0;
}

function sourceOf({ publicUrl, listen, tls, auth }: Config) {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const own = `${tls === undefined ? 'http' : 'https'}://${host}:${listen.port}`;
  return { url: publicUrl ?? own, hasTokens: auth.tokens.length > 0 };
}

/** Without a slash at its end. Throws what says which argument is none. */
export function webUrl(argument: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url !== undefined && isWeb && url.username === '' && url.password === '') {
    return text.replace(/\/+$/, '');
  }
  throw new WrongUseError(
    `${argument}: write an http or https URL without user or password, for example https://grafana.example.com`,
  );
}
