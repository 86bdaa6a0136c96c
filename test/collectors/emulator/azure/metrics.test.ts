import { afterEach, describe, expect, it } from 'vitest';
import {
  azureLane,
  metricsOf,
  minutesBeforeNoon,
  noon,
  serveAzure,
  sweden,
  totalsOf,
} from './azure-world.ts';

let served: Awaited<ReturnType<typeof serveAzure>> | undefined;
afterEach(() => served?.close());
const serve = async (...args: Parameters<typeof serveAzure>) =>
  (served = await serveAzure(...args));

const chat = azureLane('aoai-east/chat');
const claude = azureLane('foundry-sweden/claude-sonnet-4-6');
const chatEu = azureLane('foundry-sweden/chat-eu');
const tiered = azureLane('aoai-east/gpt-5.6-sol');
const provisioned = azureLane('aoai-east/gpt-4o-ptu');
const spill = azureLane('aoai-east/gpt-4o-spill');
const at = minutesBeforeNoon(5);

describe('token metrics', () => {
  it('say an OpenAI deployment’s tokens in both vocabularies alike, cached ones inside', async () => {
    const { query } = await serve([{ lane: chat, start: at, input: 70, cacheRead: 30, output: 9 }]);
    const answered = await query('ProcessedPromptTokens,GeneratedTokens,InputTokens,OutputTokens');
    expect(totalsOf(answered)).toEqual({
      ProcessedPromptTokens: { chat: 100 },
      GeneratedTokens: { chat: 9 },
      InputTokens: { chat: 100 },
      OutputTokens: { chat: 9 },
    });
  });

  it('say Claude’s tokens in the newer vocabulary only, cached ones beside', async () => {
    const requests = [
      { lane: claude, start: at, input: 70, cacheRead: 30, cacheWrite: 5, output: 9 },
      { lane: chatEu, start: at, input: 1, output: 2 },
    ];
    const { query } = await serve(requests);
    const answered = await query(
      'ProcessedPromptTokens,InputTokens,OutputTokens,cacheReadInputTokens,ephemeral5mInputTokens,ephemeral1hInputTokens',
      {},
      sweden,
    );
    expect(totalsOf(answered)).toEqual({
      ProcessedPromptTokens: { 'chat-eu': 1 },
      InputTokens: { 'chat-eu': 1, 'claude-sonnet-4-6': 70 },
      OutputTokens: { 'chat-eu': 2, 'claude-sonnet-4-6': 9 },
      cacheReadInputTokens: { 'claude-sonnet-4-6': 30 },
      ephemeral5mInputTokens: { 'claude-sonnet-4-6': 5 },
      ephemeral1hInputTokens: {},
    });
  });

  it('come as sums and parts too, for whoever asks', async () => {
    const { query } = await serve([
      { lane: chat, start: at, input: 70, output: 9 },
      { lane: provisioned, start: at, input: 3, output: 4, tier: 'provisioned' },
    ]);
    const answered = await query('TotalTokens,TokenTransaction,ActiveTokens,AudioPromptTokens');
    expect(totalsOf(answered)).toEqual({
      TotalTokens: { chat: 79, 'gpt-4o-ptu': 7 },
      TokenTransaction: { chat: 79, 'gpt-4o-ptu': 7 },
      ActiveTokens: { 'gpt-4o-ptu': 7 },
      AudioPromptTokens: {},
    });
  });

  it('split by the tier that served where asked, and only the older vocabulary can', async () => {
    const requests = [
      { lane: tiered, start: at, input: 10 },
      { lane: tiered, start: at, input: 20, tier: 'priority' as const },
    ];
    const { query } = await serve(requests);
    const filter = { $filter: "ModelDeploymentName eq '*' and ServiceTierResponse eq '*'" };
    expect(totalsOf(await query('ProcessedPromptTokens', filter))).toEqual({
      ProcessedPromptTokens: { 'gpt-5.6-sol|default': 10, 'gpt-5.6-sol|priority': 20 },
    });
    expect((await query('InputTokens', filter)).status).toBe(400);
  });
});

describe('request metrics', () => {
  it('count by status, the tokens of failures being nothing', async () => {
    const failed = { input: 0, output: 0 };
    const { query } = await serve([
      { lane: chat, start: at },
      { lane: chat, start: at, status: 429, ...failed },
      { lane: chat, start: at, status: 429, ...failed },
      { lane: chat, start: at, status: 400, ...failed },
      { lane: chat, start: at, status: 500, ...failed },
    ]);
    const filter = { $filter: "ModelDeploymentName eq '*' and StatusCode eq '*'" };
    const counts = { 'chat|200': 1, 'chat|429': 2, 'chat|400': 1, 'chat|500': 1 };
    expect(totalsOf(await query('AzureOpenAIRequests,ModelRequests', filter))).toEqual({
      AzureOpenAIRequests: counts,
      ModelRequests: counts,
    });
    const some = {
      $filter: "ModelDeploymentName eq 'chat' and StatusCode eq '429' or StatusCode eq '500'",
    };
    expect(totalsOf(await query('ModelRequests', some))).toEqual({
      ModelRequests: { 'chat|429': 2, 'chat|500': 1 },
    });
  });

  it('spell the region otherwise than token metrics do', async () => {
    const { query } = await serve([{ lane: chat, start: at }]);
    const filter = { $filter: "Region eq '*'" };
    expect(totalsOf(await query('ModelRequests', filter))).toEqual({
      ModelRequests: { 'East US': 1 },
    });
    expect(totalsOf(await query('InputTokens', filter))).toEqual({ InputTokens: { eastus: 100 } });
  });

  it('mark what a deployment took over from another', async () => {
    const { query } = await serve([
      { lane: chat, start: at },
      { lane: spill, start: at },
    ]);
    const filter = { $filter: "IsSpillover eq '*' and ModelDeploymentName eq '*'" };
    expect(totalsOf(await query('ModelRequests', filter))).toEqual({
      ModelRequests: { 'False|chat': 1, 'True|gpt-4o-spill': 1 },
    });
  });
});

describe('gauges', () => {
  it('give least, greatest and mean of a minute, of successes only', async () => {
    const { query } = await serve([
      { lane: chat, start: at, latencyMs: 100, firstTokenMs: 10 },
      { lane: chat, start: at, latencyMs: 400, firstTokenMs: 30 },
      { lane: chat, start: at, latencyMs: 1, firstTokenMs: 0, status: 500 },
    ]);
    const answered = await query('TimeToLastByte,AzureOpenAINormalizedTTFTInMS', {
      aggregation: 'Minimum,Maximum,Average',
    });
    const points = metricsOf(answered).value.map(({ timeseries }) =>
      timeseries[0]?.data.find((point) => point['average'] !== undefined),
    );
    const timeStamp = '2026-11-20T11:55:00Z';
    expect(points).toEqual([
      { timeStamp, minimum: 100, maximum: 400, average: 250 },
      { timeStamp, minimum: 10, maximum: 30, average: 20 },
    ]);
  });

  it('tell the utilization of provisioned deployments only', async () => {
    const { query } = await serve([
      { lane: chat, start: at, input: 5_000 },
      { lane: provisioned, start: at, input: 12_490, output: 10, tier: 'provisioned' },
    ]);
    const answered = await query('ProvisionedUtilization', { aggregation: 'Average' });
    const [metric] = metricsOf(answered).value;
    expect(metric?.timeseries.map(({ metadatavalues }) => metadatavalues[0]?.value)).toEqual([
      'gpt-4o-ptu',
    ]);
    expect(metric?.timeseries[0]?.data.map((point) => point['average'])).toContain(10);
  });
});

describe('the form of an answer', () => {
  it('has dimension names in lower case, values as they are, and names the span it covers', async () => {
    const { query } = await serve([{ lane: chat, start: at }]);
    const answer = metricsOf(await query('inputtokens'));
    expect(answer.timespan).toBe('2026-11-20T11:50:00Z/2026-11-20T12:00:00Z');
    expect(answer.interval).toBe('PT1M');
    expect(answer.value[0]).toMatchObject({ name: { value: 'InputTokens' }, errorCode: 'Success' });
    expect(answer.value[0]?.timeseries[0]?.metadatavalues).toEqual([
      { name: { value: 'modeldeploymentname' }, value: 'chat' },
    ]);
  });

  it('without a filter is one series of everything, without a name', async () => {
    const { query } = await serve([
      { lane: chat, start: at, input: 1 },
      { lane: spill, start: at, input: 2 },
    ]);
    expect(totalsOf(await query('InputTokens', { $filter: '' }))).toEqual({
      InputTokens: { '': 3 },
    });
  });

  it('adds a rolled-up dimension together again', async () => {
    const { query } = await serve([
      { lane: chat, start: at, input: 1 },
      { lane: spill, start: at, input: 2 },
      { lane: tiered, start: at, input: 4 },
    ]);
    const parameters = {
      $filter: "ModelDeploymentName eq '*' and ModelName eq 'gpt-4o'",
      rollupby: 'ModelDeploymentName',
    };
    expect(totalsOf(await query('InputTokens', parameters))).toEqual({
      InputTokens: { 'gpt-4o': 3 },
    });
  });

  it('drops all but ten series without a word unless more are allowed', async () => {
    const statuses = [200, 400, 429, 500] as const;
    const requests = [chat, spill, tiered].flatMap((lane) =>
      statuses.map((status) => ({ lane, start: at, status })),
    );
    const { call, query } = await serve(requests);
    const filter = { $filter: "ModelDeploymentName eq '*' and StatusCode eq '*'" };
    const all = totalsOf(await query('ModelRequests', filter))['ModelRequests'];
    expect(Object.keys(all ?? {})).toHaveLength(12);
    const few = totalsOf(await query('ModelRequests', { ...filter, top: '3' }))['ModelRequests'];
    expect(Object.keys(few ?? {})).toHaveLength(3);
    const path = `/subscriptions/${chat.account}/resourceGroups/rg-ai/providers/Microsoft.CognitiveServices/accounts/aoai-east/providers/Microsoft.Insights/metrics`;
    const untold = await call(
      `${path}?metricnames=ModelRequests&aggregation=Total&$filter=${encodeURIComponent(filter.$filter)}`,
    );
    expect(metricsOf(untold).value[0]?.timeseries).toHaveLength(10);
  });

  it('has buckets that follow the start of the question, not the clock', async () => {
    const { query } = await serve([
      { lane: chat, start: noon - 7 * 60_000, input: 1 },
      { lane: chat, start: noon - 3 * 60_000, input: 2 },
    ]);
    const answered = await query('InputTokens', {
      timespan: '2026-11-20T11:52:00Z/2026-11-20T12:00:00Z',
      interval: 'PT5M',
    });
    expect(metricsOf(answered).value[0]?.timeseries[0]?.data).toEqual([
      { timeStamp: '2026-11-20T11:52:00Z', total: 1 },
      { timeStamp: '2026-11-20T11:57:00Z', total: 2 },
    ]);
  });

  it('has quiet minutes as zero or not at all, the same every time', async () => {
    const { query } = await serve([{ lane: chat, start: at, input: 1 }]);
    const whole = { timespan: '2026-11-20T00:00:00Z/2026-11-20T12:00:00Z' };
    const answered = await query('InputTokens', whole);
    const data = metricsOf(answered).value[0]?.timeseries[0]?.data ?? [];
    const zeros = data.filter((point) => point.total === 0).length;
    expect(zeros).toBeGreaterThan(80);
    expect(zeros).toBeLessThan(300);
    expect(data.filter((point) => point.total !== 0)).toHaveLength(1);
    expect((await query('InputTokens', whole)).text).toBe(answered.text);
  });

  it('answers three months with their end', async () => {
    const { query } = await serve([{ lane: chat, start: at }]);
    const answer = metricsOf(
      await query('InputTokens', {
        timespan: '2026-08-22T12:00:00Z/2026-11-20T12:00:00Z',
        interval: 'PT1H',
      }),
    );
    expect(answer.timespan).toBe('2026-10-21T12:00:00Z/2026-11-20T12:00:00Z');
  });
});

describe('the newest minutes', () => {
  const lanes = [chat, spill, tiered];
  const requests = lanes.flatMap((lane) =>
    Array.from({ length: 10 }, (_, ago) => ({
      lane,
      start: minutesBeforeNoon(ago + 1),
      input: 1_000,
    })),
  );

  it('grow from nothing to the whole, and never shrink', async () => {
    let now = noon;
    const { query } = await serve(requests, { settled: false, now: () => now });
    const seen: number[] = [];
    for (now = noon; now <= noon + 9 * 60_000; now += 30_000) {
      const totals = totalsOf(await query('InputTokens'))['InputTokens'] ?? {};
      seen.push(Object.values(totals).reduce((sum, total) => sum + total, 0));
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBeLessThan(30_000);
    expect(new Set(seen).size).toBeGreaterThan(5);
    expect(seen.at(-1)).toBe(30_000);
  });

  it('are whole at once where the world is settled', async () => {
    const { query } = await serve(requests);
    const totals = totalsOf(await query('InputTokens'))['InputTokens'] ?? {};
    expect(Object.values(totals)).toEqual([10_000, 10_000, 10_000]);
  });
});
