import { expect, onTestFinished, test } from 'vitest';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startScriptedServer } from '../../support/scripted-server.ts';
import type { ScriptedReply, ScriptedRequest } from '../../support/scripted-server.ts';

const now = Date.UTC(2026, 10, 23, 12);

/** `crossbill alerts test` with these arguments against a receiver that answers so. */
async function tested(reply: ScriptedReply, ...argv: readonly string[]) {
  const clock = createFakeClock(now);
  const server = await startScriptedServer([
    async () => {
      await clock.advance(12);
      return reply;
    },
  ]);
  onTestFinished(() => server.close());
  const config = configFile(
    'sources: [{ name: prod, type: aws, regions: [us-east-1] }]\n' +
      'notifiers:\n' +
      '  - { name: finops, type: webhook, url: "${env:HOOK}", secret: "s3cret-value" }\n' +
      '  - { name: oncall, type: pagerduty, routing_key: "KEY-KEY-KEY", url: "${env:HOOK}" }\n',
  );
  const program = cliProcess({ clock, env: { HOOK: `${server.url}/in/abcdefghijkl` } });
  const status = await program.run('alerts', 'test', ...argv, '--config', config);
  const requests: readonly ScriptedRequest[] = server.requests;
  expect([...program.open]).toEqual([]);
  return { status, out: program.out.text(), err: program.err.text(), requests };
}

test('a message marked as a test goes out, and what was answered is printed', async () => {
  const { status, out, requests } = await tested({ status: 202, body: 'queued' }, 'finops');
  expect(status).toBe(0);
  expect(out).toBe('finops (webhook): delivered, after 12 ms\n  status  202\n  answer  queued\n');
  expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({
    type: 'alert.test',
    alerts: [{ labels: { alertname: 'crossbill_test', severity: 'info' } }],
  });
});

test('for programs the same is a document', async () => {
  const { status, out } = await tested({ body: 'ok' }, 'finops', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual({
    notifier: 'finops',
    type: 'webhook',
    result: 'delivered',
    status: 200,
    answer: 'ok',
    took_ms: 12,
  });
});

test('one that is refused ends with 1 and says why, without the secret that was repeated', async () => {
  const reply = { status: 401, body: 'no such hook abcdefghijkl, secret s3cret-value' };
  const { status, out, err } = await tested(reply, 'finops');
  expect(status).toBe(1);
  expect(out).toMatch(/^finops \(webhook\): refused; .*\n {2}status {2}401\n {2}answer {2}no such/);
  expect(out + err).not.toMatch(/abcdefghijkl|s3cret-value/);
});

test('one that breaks the line ends with 1 and tells the origin', async () => {
  const { status, out } = await tested('reset', 'oncall');
  expect(status).toBe(1);
  expect(out).toMatch(
    /^oncall \(pagerduty\): not delivered; .*\n {2}why {5}http:\/\/127\.0\.0\.1:\d+: /,
  );
});

test('PagerDuty’s incident of a test is resolved at once', async () => {
  const { status, requests } = await tested({ status: 202 }, 'oncall');
  expect(status).toBe(0);
  expect(requests.map(({ body }) => JSON.parse(body).event_action)).toEqual(['trigger', 'resolve']);
});

test('an unknown notifier is wrong use, and the nearest one is named', async () => {
  const { status, err, requests } = await tested({}, 'finop');
  expect(status).toBe(2);
  expect(err).toContain('no notifier is called "finop"; did you mean "finops"?');
  expect(requests).toEqual([]);
});
