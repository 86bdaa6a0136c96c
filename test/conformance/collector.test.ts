import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Collector, Target } from '../../agent/core/collector.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import type { Permission } from '../../agent/core/permission.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Answer } from '../../collectors/emulator/http.ts';
import type { clouds as registry } from '../../collectors/index.ts';

vi.setConfig({ testTimeout: 60_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const window = { start: noon - 2 * hourMs, end: noon - hourMs };
const { signal } = new AbortController();
const secret = 'sesame-open-the-ledger';

/** What goes out instead of the true answer to every metrics call, while it is set. */
let trouble: Answer | undefined;
const interceptable = /GetMetricData|^metrics$|getBatch/;
const emulated = await startClouds({
  now: () => noon,
  settled: true,
  faults: {
    intercept: (call) => (interceptable.test(call.operation) ? trouble : undefined),
  },
});
afterAll(() => emulated.close());

/** Long enough for a first look at a cold emulator on a busy machine; short where a test waits for it. */
const usualMs = 20_000;
const collectors: Readonly<Record<keyof typeof registry, (timeoutMs: number) => Collector>> = {
  aws: (timeoutMs) =>
    createAwsCollector(
      {
        name: 'conform',
        regions: ['us-east-1'],
        roles: [],
        endpoint: emulated.awsUrl,
        linkedAccounts: false,
        timeoutMs,
      },
      {
        clock: { now: () => noon },
        credentials: () => Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: secret }),
      },
    ),
  azure: (timeoutMs) =>
    createAzureCollector(
      {
        name: 'conform',
        credential: { kind: 'static_token', token: () => secret },
        endpoint: emulated.azureUrl,
        timeoutMs,
      },
      { now: () => noon },
    ),
};

describe.each(Object.entries(collectors))('the %s collector', (cloud, create) => {
  let collector: Collector;
  let targets: readonly Target[];
  beforeAll(async () => {
    trouble = undefined;
    collector = create(usualMs);
    targets = (await collector.discover(signal)).targets;
  });
  afterAll(() => collector.close());

  const requestOf = (target: Target) => ({
    target,
    units: target.units,
    window,
    periodSeconds: 60,
  });
  const first = () => requestOf(targets[0] as Target);

  test('lists targets that are unique, under a scope it looked at, and of its own cloud', async () => {
    const discovery = await collector.discover(signal);
    expect(discovery.targets.length).toBeGreaterThan(0);
    expect(new Set(discovery.targets.map((one) => one.id)).size).toBe(discovery.targets.length);
    for (const target of discovery.targets) {
      expect(target).toMatchObject({ source: 'conform', cloud });
      expect(
        discovery.scopes.some((scope) => target.id.startsWith(`${scope}/`) || target.id === scope),
      ).toBe(true);
      expect(target.region).toMatch(/^[a-z0-9-]+$/);
    }
  });

  test('lists the same units with the same keys each time, each of a row of its target', async () => {
    const again = (await collector.discover(signal)).targets;
    expect(again.map((one) => one.units)).toEqual(targets.map((one) => one.units));
    for (const target of targets) {
      const rows = new Set(target.rows.map((row) => row.id));
      expect(target.units.every((unit) => rows.has(unit.rowId))).toBe(true);
      expect(new Set(target.units.map((unit) => unit.key)).size).toBe(target.units.length);
    }
  });

  test('has catalog rows that survive JSON, name their source and say how long they take to settle', () => {
    for (const row of targets.flatMap((target) => target.rows)) {
      expect(JSON.parse(JSON.stringify(row))).toEqual(row);
      expect(row.source).toMatch(/^https:\/\//);
      expect(row.settleSeconds).toBeGreaterThanOrEqual(60);
      expect(row.metricNames.length).toBeGreaterThan(0);
    }
  });

  test('reads samples of the asked units only, on the grid, inside the window, and all of them normalize', async () => {
    for (const target of targets) {
      const request = requestOf(target);
      const samples = await collector.collect(request, signal);
      const keys = new Set(target.units.map((unit) => unit.key));
      for (const sample of samples) {
        expect(keys.has(sample.unitKey)).toBe(true);
        expect(sample.starts.length).toBe(sample.values.length);
        expect(
          sample.starts.every((at) => at % minuteMs === 0 && at >= window.start && at < window.end),
        ).toBe(true);
      }
      expect(normalize(request, samples).rejections).toEqual([]);
    }
  });

  test('reads a window in two halves as it reads it whole', async () => {
    const middle = window.start + hourMs / 2;
    const pointsOf = async (span: typeof window) =>
      (await collector.collect({ ...first(), window: span }, signal)).flatMap((sample) =>
        sample.starts.map((start, i) =>
          JSON.stringify([
            sample.unitKey,
            sample.dimensions,
            sample.statistic,
            start,
            sample.values[i],
          ]),
        ),
      );
    const halves = [
      ...(await pointsOf({ start: window.start, end: middle })),
      ...(await pointsOf({ start: middle, end: window.end })),
    ];
    // A quiet minute may come as 0 in one answer and not at all in another: silence is not compared.
    const told = (points: readonly string[]) =>
      points.filter((point) => !point.endsWith(',0]')).toSorted();
    expect(told(halves)).toEqual(told(await pointsOf(window)));
  });

  test('prices a call before it is made', () => {
    const cost = collector.price(first());
    expect(cost.calls).toBeGreaterThan(0);
    expect(cost.costNanoUsd).toBeGreaterThanOrEqual(0n);
  });

  test.each<readonly [why: string, answer: Answer]>([
    ['an empty body', { status: 200, headers: { 'content-type': 'application/json' }, body: '' }],
    [
      'a page of a proxy',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>proxy</html>' },
    ],
    [
      'cut JSON',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"value":[{"na' },
    ],
    [
      'an answer of nothing',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
    ],
    ['429', { status: 429, headers: { 'retry-after': '7' }, body: '{}' }],
    ['503', { status: 503, body: '' }],
    ['a reset', { kind: 'reset' }],
    ['no answer at all', { kind: 'hang' }],
    [
      '403',
      {
        status: 403,
        body: '{"error":{"code":"AuthorizationFailed","message":"no"},"__type":"AccessDenied","message":"no"}',
      },
    ],
  ])('throws for %s: a reason, a hint, no secret, and never an empty window', async (_, answer) => {
    trouble = answer;
    const asked = 'kind' in answer && answer.kind === 'hang' ? create(300) : collector;
    const failed = await asked.collect(first(), signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    trouble = undefined;
    expect(failed).toBeInstanceOf(ExternalError);
    if (!(failed instanceof ExternalError)) return;
    expect(failed.hint.length).toBeGreaterThan(10);
    expect(`${failed.message} ${failed.hint} ${failed.stack}`).not.toContain(secret);
  });

  describe('trying its rights', () => {
    const stateOf = (permissions: readonly Permission[], feature: Permission['feature']) =>
      new Set(permissions.filter((one) => one.feature === feature).map(({ state }) => state));

    test('finds all of them where all are there, each once a place', async () => {
      const permissions = await collector.probe(signal);
      const missing = permissions.filter(
        ({ state, untried }) => state !== 'ok' && untried !== 'nothing_there',
      );
      expect(missing).toEqual([]);
      for (const feature of ['sign in', 'list meters', 'read meters'] as const) {
        expect(stateOf(permissions, feature)).toEqual(new Set(['ok']));
      }
      const names = permissions.map(({ account, place, feature }) => [account, place, feature]);
      expect(new Set(names.map((name) => name.join('/'))).size).toBe(names.length);
    });

    test('names the one that is refused, what grants it, and hides none of the others', async () => {
      trouble = {
        status: 403,
        headers: { 'content-type': 'application/json' },
        body: '{"error":{"code":"AuthorizationFailed","message":"no"},"__type":"AccessDenied","message":"no"}',
      };
      const permissions = await collector.probe(signal);
      trouble = undefined;
      expect(stateOf(permissions, 'read meters')).toEqual(new Set(['denied']));
      expect(stateOf(permissions, 'list meters')).toEqual(new Set(['ok']));
      for (const one of permissions.filter(({ state }) => state === 'denied')) {
        expect(one.operation).toMatch(/GetMetricData$|metrics\/read$/);
        expect(one.grant?.right).toMatch(/^(?:cloudwatch:GetMetricData|Monitoring Reader)$/);
        expect(one.grant?.on).toMatch(/^(?:\*|\/subscriptions\/\S+)$/);
        expect(one.message?.length).toBeGreaterThan(10);
        expect(one.hint?.length).toBeGreaterThan(10);
      }
      expect(JSON.stringify(permissions)).not.toContain(secret);
    });

    test('answers an abort at once, and says what was not tried', async () => {
      trouble = { kind: 'hang' };
      const stop = new AbortController();
      const trying = collector.probe(stop.signal);
      stop.abort();
      const permissions = await trying;
      trouble = undefined;
      expect(permissions.length).toBeGreaterThan(0);
      for (const { state, untried, reason } of permissions) {
        if (state === 'ok') continue;
        expect(untried ?? reason).toMatch(/^(?:out_of_time|blocked|timeout)$/);
      }
    });

    test('tells a call that hangs from one that is refused', async () => {
      trouble = { kind: 'hang' };
      const permissions = await create(300).probe(signal);
      trouble = undefined;
      expect(stateOf(permissions, 'read meters')).toEqual(new Set(['failed']));
    });
  });

  test('stops at an abort', async () => {
    trouble = { kind: 'hang' };
    const stop = new AbortController();
    const reading = collector.collect(first(), stop.signal);
    stop.abort();
    await expect(reading).rejects.toThrow(/./);
    trouble = undefined;
  });
});
