import { expect, it, vi } from 'vitest';
import type { AlertMessage } from '../../../agent/core/alert.ts';
import { minuteMs, secondMs } from '../../../agent/core/time.ts';
import { cliProcess, configFile, eventually } from '../../support/cli-world.ts';
import type { CliProcess } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 60_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const settings = `
poll: { every: 5m, overlap: 30m, backfill: 3h }
budgets:
  - name: all-day
    amount: 1000 tokens
    period: day
    alerts: [{ actual: 50% }, { actual: 100%, severity: page }]
    notify: [hook]
rules:
  - { name: alive, kind: heartbeat, above: 10m, notify: [hook] }
notifiers:
  - { name: hook, type: webhook, url: "http://127.0.0.1:1/" }
`;

async function get(process: CliProcess, path: string, init?: RequestInit): Promise<Response> {
  const [listener] = process.served;
  if (listener === undefined) throw new Error('nobody listens');
  return listener.fetch(new Request(`http://127.0.0.1:9870${path}`, init));
}

async function world() {
  const clock = createFakeClock(noon);
  const clouds = await startSmallClouds(() => clock.now(), undefined, ['azure']);
  const config = configFile(`${clouds.config}${settings}`);
  const sent: { readonly at: number; readonly message: AlertMessage }[] = [];
  const start = () => {
    const agent = cliProcess({
      clock,
      meters: false,
      instead: {
        createNotifier: async ({ name, type }) => ({
          name,
          type,
          async send(message, at) {
            sent.push({ at, message });
            return { result: 'delivered', status: 204, answer: '', retryAfterMs: null };
          },
          close: async () => undefined,
        }),
      },
    });
    return { agent, status: agent.run('run', '--config', config) };
  };
  return { clock, sent, start };
}

it('brings what crosses to people once, within five seconds of what was read, over a restart', async () => {
  const { clock, sent, start } = await world();
  const { agent, status } = start();
  const isReady = async () =>
    agent.served.length > 0 && (await get(agent, '/readyz')).status === 200;
  await eventually(isReady);
  const readAt = clock.now();
  for (let second = 0; second < 5; second += 1) await clock.advance(secondMs);
  const budget = sent.filter(({ message }) => message.type === 'alert.firing');
  const thresholds = budget.map(({ message }) =>
    message.alerts.map(({ labels }) => labels['threshold'] ?? '').toSorted(byWord),
  );
  expect(thresholds).toEqual([['actual 100%', 'actual 50%']]);
  expect((budget[0]?.at ?? Infinity) - readAt).toBeLessThanOrEqual(5 * secondMs);
  expect(sent.map(({ message }) => message.type).toSorted()).toEqual([
    'alert.firing',
    'alert.heartbeat',
  ]);

  const alerts = await (await get(agent, '/api/v1/alerts?state=firing&name=all-day')).json();
  expect(alerts).toMatchObject([{ certainty: 'provisional' }, { unit: 'tokens' }]);
  const deliveries = await (await get(agent, '/api/v1/deliveries')).json();
  expect(deliveries).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }]);
  agent.stop.abort();
  expect(await status).toBe(0);
  expect(clock.sleepers()).toEqual([]);

  const again = start();
  await eventually(() => again.agent.served.length > 0);
  for (let minute = 0; minute < 2; minute += 1) await clock.advance(minuteMs);
  again.agent.stop.abort();
  expect(await again.status).toBe(0);
  expect(sent.filter(({ message }) => message.type === 'alert.firing')).toHaveLength(1);
});

function byWord(a: string, b: string): number {
  return a.localeCompare(b);
}
