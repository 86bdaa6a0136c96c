import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { dashboardFolder } from '../../../agent/api/grafana.ts';
import { cliProcess, configFile, temporaryFolder } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function read(name: string): unknown {
  const url = new URL(`../../../dashboards/grafana/${name}`, import.meta.url);
  return parse(readFileSync(url, 'utf8'));
}

const grafanaEnv = z.looseObject({
  GF_PLUGINS_PREINSTALL: z.literal('yesoreyeram-infinity-datasource'),
  GF_PATHS_PROVISIONING: z.literal(`${dirname(dashboardFolder)}/provisioning`),
});
const compose = z.object({
  services: z.object({
    crossbill: z.object({ command: z.array(z.string()) }),
    dashboards: z.object({ command: z.array(z.string()), volumes: z.array(z.string()) }),
    grafana: z.object({ environment: grafanaEnv, volumes: z.array(z.string()) }),
  }),
});
const mount = z.object({ name: z.string(), mountPath: z.string() });
const container = z.object({
  name: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  volumeMounts: z.array(mount),
});
const pod = z.object({
  kind: z.literal('Pod'),
  spec: z.object({
    initContainers: z.tuple([container]),
    containers: z.array(container),
    volumes: z.array(z.object({ name: z.string() })),
  }),
});

/** Runs what a container is told to, with a folder of the test's own in the place of the container's. */
async function exported(words: readonly string[], inside: string): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const config = configFile('ledger: sqlite:./crossbill.db\nsources: [{ name: a, type: aws }]\n');
  const process = cliProcess({ clock: createFakeClock(0) });
  const own = words.map((word) => {
    if (word === inside) return folder;
    return word === '/etc/crossbill/crossbill.yaml' ? config : word;
  });
  expect(await process.run(...own), process.err.text()).toBe(0);
  return readdirSync(folder).toSorted();
}

describe('compose.yaml', () => {
  const { dashboards, grafana } = compose.parse(read('compose.yaml')).services;
  it('writes the files into the volume from which Grafana reads them', async () => {
    expect(await exported(dashboards.command, '/data')).toEqual(['dashboards', 'provisioning']);
    const [volume] = dashboards.volumes;
    expect(volume).toBe('grafana-files:/data');
    expect(grafana.volumes).toContain(`grafana-files:${dirname(dashboardFolder)}:ro`);
  });
});

describe('pod.yaml', () => {
  const { spec } = pod.parse(read('pod.yaml'));
  it('writes the files into the volume from which Grafana reads them', async () => {
    const [init] = spec.initContainers;
    expect(await exported(init.args, '/files')).toEqual(['dashboards', 'provisioning']);
    expect(init.volumeMounts).toContainEqual({ name: 'files', mountPath: '/files' });
    const grafana = spec.containers.find(({ name }) => name === 'grafana');
    grafanaEnv.parse(Object.fromEntries((grafana?.env ?? []).map((one) => [one.name, one.value])));
    expect(grafana?.volumeMounts).toContainEqual({
      name: 'files',
      mountPath: dirname(dashboardFolder),
    });
  });

  it('mounts only volumes that it has', () => {
    const has = spec.volumes.map(({ name }) => name);
    const wanted = [...spec.initContainers, ...spec.containers].flatMap((one) => one.volumeMounts);
    expect(wanted.map(({ name }) => name).filter((name) => !has.includes(name))).toEqual([]);
  });
});
