import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { ApiCall } from '../../../../agent/core/api-call.ts';
import { billedDay, billedSubscription, startCosts } from '../../../support/cost-server.ts';
import type { Charged, CostsAsked, CostScript, CostWorld } from '../../../support/cost-server.ts';

const open: CostWorld[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(charges: readonly Charged[], ...rest: [CostScript?]): Promise<CostWorld> {
  const world = await startCosts(charges, ...rest);
  open.push(world);
  return world;
}

const linesFrom = async (...charges: readonly Charged[]) =>
  (await (await start(charges)).statement()).lines;
const output = {
  ResourceGuid: 'AAAAAAAA-0000-0000-0000-000000000002',
  Meter: 'gpt 4o 0513 Output global Tokens',
};
const sold = {
  ServiceName: 'SaaS',
  PublisherType: 'Marketplace',
  ResourceGuid: '',
  UnitOfMeasure: '1',
  ResourceId: '/subscriptions/1/resourcegroups/g/providers/microsoft.saas/resources/c1',
};
const reserved = {
  ...output,
  ResourceGuid: 'bbbb',
  Meter: 'Provisioned Managed Global Unit',
  UnitOfMeasure: '1 Hour',
};

describe('a statement', () => {
  test('is of a subscription, and says how long it may change', async () => {
    const { collector, scope, statement } = await start([]);
    expect(await statement()).toEqual({
      source: 'azure_cost_management',
      cloud: 'azure',
      scope: `prod/${billedSubscription}`,
      days: { start: billedDay, end: billedDay + 86_400_000 },
      finalUntil: Date.UTC(2026, 10, 13),
      fetchedAt: Date.UTC(2026, 10, 18, 12),
      lines: [],
    });
    expect(scope).toMatchObject({ everySeconds: 86_400, longestSeconds: 2_678_400 });
    expect(collector.openFrom(scope, Date.UTC(2026, 10, 18))).toBe(Date.UTC(2026, 10, 1));
  });

  test('has a row with the digits that were sent', async () => {
    const lines = await linesFrom({ cost: '2.337860000000000000001', quantity: '467.5720' });
    expect(lines).toEqual([
      {
        day: billedDay,
        account: billedSubscription,
        region: '',
        resource: 'aoai-1',
        service: 'Foundry Models',
        meter: 'gpt 4o 0513 Input global Tokens',
        meterId: 'aaaaaaaa-0000-0000-0000-000000000001',
        meaning: {
          model: 'openai/gpt-4o',
          modelVersion: '2024-05-13',
          item: 'input',
          routing: 'global',
          tier: 'standard',
          band: 'any',
          cacheTtl: '',
          perUnit: 1_000,
        },
        quantity: '467.5720',
        unit: '1K',
        cost: '2.337860000000000000001',
        amortizedCost: '2.337860000000000000001',
        currency: 'USD',
        recordType: 'usage',
      },
    ]);
  });

  test('keeps currencies apart', async () => {
    const lines = await linesFrom({ cost: '1' }, { cost: '150', currency: 'JPY' });
    expect(lines.map(({ cost, currency }) => [cost, currency])).toEqual([
      ['1', 'USD'],
      ['150', 'JPY'],
    ]);
  });

  test('tells charges of one meter and day apart by their type, and of services by their name', async () => {
    const lines = await linesFrom(
      { cost: '10' },
      { cost: '-4', quantity: '0', of: { ChargeType: 'Refund' } },
      { cost: '0.01', of: { ...output, ServiceName: 'Cognitive Services' } },
    );
    expect(lines.map(({ cost, recordType, service }) => [cost, recordType, service])).toEqual([
      ['10', 'usage', 'Foundry Models'],
      ['-4', 'refund', 'Foundry Models'],
      ['0.01', 'usage', 'Cognitive Services'],
    ]);
  });

  test('spreads a reservation: its purchase, its use and its unused hours', async () => {
    const lines = await linesFrom(
      {
        type: 'ActualCost',
        cost: '720',
        of: { ...reserved, ResourceId: '', ChargeType: 'Purchase' },
      },
      { type: 'ActualCost', cost: '0', quantity: '20', of: reserved },
      { type: 'AmortizedCost', cost: '20', quantity: '20', of: reserved },
      {
        type: 'AmortizedCost',
        cost: '4',
        quantity: '4',
        of: { ...reserved, ResourceId: '', ChargeType: 'UnusedReservation' },
      },
    );
    expect(
      lines.map(({ recordType, quantity, cost, amortizedCost }) => [
        recordType,
        quantity,
        cost,
        amortizedCost,
      ]),
    ).toEqual([
      ['purchase', '1', '720', '0'],
      ['usage', '20', '0', '20'],
      ['purchase', null, '0', '4'],
    ]);
    expect(lines.every(({ meaning }) => typeof meaning !== 'string')).toBe(true);
  });

  test('knows a meter that only the amortized bill has', async () => {
    const unused = { ...reserved, ResourceId: '', ChargeType: 'UnusedReservation' };
    const lines = await linesFrom({ type: 'AmortizedCost', cost: '4', quantity: '4', of: unused });
    expect(lines).toMatchObject([
      {
        meter: 'Provisioned Managed Global Unit',
        meterId: 'bbbb',
        cost: '0',
        amortizedCost: '4',
        meaning: { item: 'unit_hour', routing: 'global' },
      },
    ]);
  });

  test('adds up what is spread over ids that differ in case alone', async () => {
    const lines = await linesFrom(
      { type: 'ActualCost', cost: '0', of: { ResourceId: '/x' } },
      { type: 'AmortizedCost', cost: '0.1', of: { ResourceId: '/X' } },
      { type: 'AmortizedCost', cost: '0.2', of: { ResourceId: '/x' } },
    );
    expect(lines.map(({ cost, amortizedCost }) => [cost, amortizedCost])).toEqual([['0', '0.3']]);
  });

  test('has Claude of the marketplace and nothing else that is sold there', async () => {
    const lines = await linesFrom(
      { cost: '7', of: { ...sold, Meter: 'Claude Consumption Units' } },
      { cost: '9', of: { ...sold, Meter: 'Watcher Pro Units' } },
      { cost: '5', of: { ServiceName: 'Virtual Machines' } },
    );
    expect(
      lines.map(({ service, meter, cost, resource }) => [service, meter, cost, resource]),
    ).toEqual([['SaaS', 'Claude Consumption Units', '7', '']]);
  });

  test('knows a meter by its name alone where some row has no id', async () => {
    const lines = await linesFrom(
      { cost: '1', of: { ResourceGuid: '' } },
      { cost: '2', of: { ...output, ResourceGuid: '' } },
    );
    expect(
      lines.map(({ meter, meterId, cost, meaning }) => [meter, meterId, cost, meaning]),
    ).toEqual([
      ['gpt 4o 0513 Input global Tokens', '', '1', 'unknown_unit'],
      ['gpt 4o 0513 Output global Tokens', '', '2', 'unknown_unit'],
    ]);
  });

  test('goes without units where the agreement does not know them', async () => {
    const { statement } = await start([{ cost: '1' }], (asked) =>
      groupings(asked).includes('UnitOfMeasure')
        ? { status: 400, body: '{"error":{"code":"BadRequest","message":"Invalid dimension"}}' }
        : undefined,
    );
    const { lines } = await statement();
    expect(lines[0]).toMatchObject({ cost: '1', unit: '', meaning: 'unknown_unit' });
  });

  test('asks six times at first and three times from then on, as slowly as Azure limits', async () => {
    const calls: ApiCall[] = [];
    const world = await startCosts([{ cost: '1' }, { cost: '3', of: reserved }], undefined, {
      admit: (call) => {
        calls.push(call);
        return Promise.resolve(() => undefined);
      },
    });
    open.push(world);
    await world.statement();
    const first = calls.length;
    await world.statement();
    expect([first, calls.length - first]).toEqual([6, 3]);
    for (const { limit, operation, bucket, costNanoUsd } of calls) {
      expect({ operation, bucket, costNanoUsd }).toEqual({
        operation: 'Microsoft.CostManagement/query/read',
        bucket: `azure/${billedSubscription}`,
        costNanoUsd: 0n,
      });
      expect((limit?.burst ?? 9) + 60 * (limit?.perSecond ?? 9)).toBeLessThanOrEqual(4);
    }
    const { requests } = world.server;
    expect(new Set(requests.map(({ headers }) => headers['clienttype']))).toEqual(
      new Set(['Crossbill']),
    );
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['POST']));
  });

  test('loses no charge and doubles none, whatever there is', async () => {
    const charge = fc.record({
      amount: fc.integer({ min: -500, max: 500 }),
      date: fc.constant(20_261_115),
      currency: fc.constantFrom('USD', 'EUR'),
      of: fc.record({
        ResourceId: fc.constantFrom(
          '/a',
          '/B',
          '/providers/microsoft.cognitiveservices/accounts/x',
        ),
        meter: fc.constantFrom('', 'one', 'two', 'Claude'),
        ServiceName: fc.constantFrom('Foundry Models', 'Cognitive Services', 'SaaS'),
        ChargeType: fc.constantFrom('Usage', 'Refund', 'Odd'),
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(charge, { maxLength: 12 }), async (list) => {
        const charges = list.map(({ amount, date, currency, of: { meter, ...of } }) => {
          const isSold = of.ServiceName === 'SaaS';
          const Meter = isSold ? 'Claude' : meter;
          const ids = { ResourceGuid: isSold ? '' : meter, Meter };
          const PublisherType = isSold ? 'Marketplace' : 'Azure';
          return { cost: String(amount), date, currency, of: { ...of, ...ids, PublisherType } };
        });
        const world = await startCosts(charges);
        try {
          const { lines } = await world.statement();
          const total = (some: readonly { cost: string; currency: string }[], currency: string) =>
            some.reduce((sum, one) => sum + (one.currency === currency ? Number(one.cost) : 0), 0);
          for (const currency of ['USD', 'EUR']) {
            expect(total(lines, currency)).toBe(total(charges, currency));
          }
        } finally {
          await world.close();
        }
      }),
      { numRuns: 25 },
    );
  });
});

function groupings({ dataset }: CostsAsked): readonly string[] {
  return (dataset.grouping ?? []).map(({ name }) => name);
}
