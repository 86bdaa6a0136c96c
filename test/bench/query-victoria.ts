import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { dayMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { valueReader } from '../../agent/query/dimensions.ts';
import { Driver } from '../../exporters/sqlite/driver.ts';
import { openLedgerReader } from '../../exporters/sqlite/ledger.ts';
import { freePort } from '../peers/told-day.ts';
import { ensureGoModule, startPeer } from '../support/peers.ts';
import type { Ask } from './query-asks.ts';
import { hoursFrom, interpretation, teams } from './query-world.ts';

const module = 'github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@v1.151.0';

/** VictoriaMetrics holding all of the world's hours, as recording rules would have made them. */
export interface Victoria {
  /** The same question by its hours, or undefined where metrics cannot answer it; milliseconds. */
  ask(ask: Ask, now: Instant): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** What an answer is made of, by the columns that panels use. */
const metricsOf: Readonly<Record<string, string>> = {
  input_tokens: 'input',
  cache_read_tokens: 'cache_read',
  output_tokens: 'output',
  requests: 'requests',
  cost_usd: 'cost',
};
const columns = Object.values(metricsOf);

/** @param file the ledger, beside which the data is kept once it is imported */
export async function startVictoria(file: string): Promise<Victoria> {
  const program = await ensureGoModule('victoria-metrics', module);
  const data = `${file}.victoria`;
  const imported = join(data, 'crossbill-imported');
  // What was imported in part would count twice.
  if (!existsSync(imported)) rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const flags = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${data}`];
  const peer = startPeer(
    'victoria-metrics',
    join(program, 'victoria-metrics'),
    [...flags, '-retentionPeriod=100y', '-search.maxQueryDuration=60s'],
    data,
  );
  await peer.said(/(started server at)/);
  if (!existsSync(imported)) {
    await importInto(port, file);
    await fetch(`http://127.0.0.1:${port}/internal/force_flush`);
    writeFileSync(imported, '');
  }
  return {
    async ask(ask, now) {
      const asked = new URL(await ask.path(now), 'http://127.0.0.1').searchParams;
      const used = ask.columns.flatMap((column) => metricsOf[column] ?? []);
      const [from, to] = [Number(asked.get('from')), Number(asked.get('to'))];
      if (!(await ask.path(now)).startsWith('/api/v1/usage') || used.length === 0) return undefined;
      const step = asked.get('step');
      const stepMs = step === 'total' ? to - from : step === '1d' ? dayMs : 60 * minuteMs;
      const model = asked.get('model');
      const only = model === null || model === '*' ? '' : `,model="${model}"`;
      const names = `{__name__=~"(${used.join('|')})_hour"${only}}[${stepMs}ms]`;
      const by = ['__name__', ...(asked.get('group_by')?.split(',') ?? [])].join(', ');
      const query = `sum by (${by}) (sum_over_time(${names}) keep_metric_names)`;
      const range = { start: String(from / 1_000), end: String(to / 1_000), step: `${stepMs}ms` };
      const path = step === 'total' ? '/api/v1/query' : '/api/v1/query_range';
      const when = step === 'total' ? { time: String(to / 1_000) } : range;
      const began = performance.now();
      const url = `http://127.0.0.1:${port}${path}?${new URLSearchParams({ query, ...when }).toString()}`;
      const answer = await fetch(url);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
      return performance.now() - began;
    },
    stop: () => peer.stop('SIGTERM'),
  };
}

async function importInto(port: number, file: string): Promise<void> {
  const reader = openLedgerReader(file, interpretation);
  const valueOf = valueReader(teams);
  const identities = (await reader.identities()).filter(({ reports }) => reports.size > 0);
  reader.close();
  const db = new Driver(file, { readonly: true });
  const sending = request({ port, host: '127.0.0.1', path: '/api/v1/import', method: 'POST' });
  // Nothing that is asked here needs the minutes: with them the import takes twice as long.
  const minutes =
    process.env['VICTORIA_MINUTES'] === undefined ? [] : [['usage_minute', ''] as const];
  for (const [table, suffix] of [...minutes, ['usage_hour', '_hour'] as const]) {
    const rows = db
      .prepare<[number, number], number[]>(
        `SELECT minute, ${columns.join(', ')} FROM ${table} WHERE identity_id = ? AND minute >= ?`,
      )
      .raw();
    for (const identity of identities) {
      const found = rows.all(identity.id, hoursFrom / minuteMs);
      const timestamps = found.map((row) => (row[0] ?? 0) * minuteMs).join(',');
      for (const [index, name] of columns.entries()) {
        if (found[0]?.[index + 1] === null) continue;
        const { cloud, account, region, resource, model, deployment, routing, tier } = identity;
        const metric = {
          __name__: `${name}${suffix}`,
          cloud,
          account,
          region,
          resource,
          model,
          deployment,
          routing,
          tier,
          team: valueOf(identity, 'team'),
        };
        const values = found.map((row) => row[index + 1]).join(',');
        const line = `{"metric":${JSON.stringify(metric)},"values":[${values}],"timestamps":[${timestamps}]}\n`;
        if (!sending.write(line)) await once(sending, 'drain');
      }
    }
  }
  db.close();
  const answered = once(sending, 'response');
  sending.end();
  const [response] = (await answered) as [{ readonly statusCode: number; resume(): void }];
  response.resume();
  if (response.statusCode >= 300) throw new Error(`the import was refused: ${response.statusCode}`);
}
