import { createAzureBillCollector } from '../../collectors/azure/bills/index.ts';
import type { BillCollector, BillScope, BillStatement } from '../../agent/core/bill.ts';
import type { ApiMeter } from '../../agent/core/api-call.ts';
import { dayMs } from '../../agent/core/time.ts';
import { startScriptedServer } from './scripted-server.ts';
import type { ScriptedReply, ScriptedServer } from './scripted-server.ts';

export const billedSubscription = '00000000-0000-0000-0000-000000000001';
export const billedDay = Date.UTC(2026, 10, 15);
const billedDays = { start: billedDay, end: billedDay + dayMs };
const billsNow = Date.UTC(2026, 10, 18, 12);

/** One charge, amounts as they are to be written. What is left out is as of a plain meter of tokens. */
export interface Charged {
  readonly type?: 'ActualCost' | 'AmortizedCost' | 'both';
  readonly date?: number;
  readonly cost: string;
  readonly quantity?: string;
  readonly currency?: string;
  readonly of?: Readonly<Record<string, string>>;
}

const usual: Readonly<Record<string, string>> = {
  ResourceId: `/subscriptions/${billedSubscription}/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/aoai-1`,
  ResourceGuid: 'aaaaaaaa-0000-0000-0000-000000000001',
  Meter: 'gpt 4o 0513 Input global Tokens',
  MeterSubcategory: 'Azure OpenAI',
  UnitOfMeasure: '1K',
  ServiceName: 'Foundry Models',
  ChargeType: 'Usage',
  PublisherType: 'Azure',
};

export interface CostsAsked {
  readonly type: string;
  readonly dataset: {
    readonly granularity: string;
    readonly grouping?: readonly { readonly name: string }[];
    readonly filter?: Filter;
  };
}

interface Filter {
  readonly and?: readonly Filter[];
  readonly or?: readonly Filter[];
  readonly dimensions?: { readonly name: string; readonly values: readonly string[] };
}

/** A page as it goes out, before it is text. Amounts are objects that are written as numbers. */
export interface Page {
  columns: readonly { readonly name: string }[];
  rows: readonly (readonly unknown[])[];
  nextLink: string | null;
}

const written = (text: string) => ({ written: text });

/** The text of a page, each amount's digits as the test gave them. */
export function pageText(properties: Page): string {
  const text = JSON.stringify({ properties });
  return text.replaceAll(/\{"written":"([^"]*)"\}/g, '$1');
}

/** What the charges come to, grouped as asked. Sums that are one charge keep its digits. */
export function answerOf(asked: CostsAsked, charges: readonly Charged[]): Page {
  const { granularity, grouping = [], filter } = asked.dataset;
  const isDaily = granularity === 'Daily';
  const groups = new Map<string, unknown[]>();
  for (const { type = 'both', date = 20_261_115, currency = 'USD', of, ...amounts } of charges) {
    const dimensions = { ...usual, ...of };
    if ((type !== 'both' && type !== asked.type) || !holds(filter, dimensions)) continue;
    const words = [...grouping.map(({ name }) => dimensions[name] ?? ''), currency];
    const key = JSON.stringify([isDaily && date, words]);
    const before = groups.get(key)?.slice(0, 2).map(String) ?? [];
    const sums = [amounts.cost, amounts.quantity ?? '1'].map((text, place) =>
      before[place] === undefined ? text : String(Number(before[place]) + Number(text)),
    );
    groups.set(key, [...sums, ...(isDaily ? [written(String(date))] : []), ...words]);
  }
  const named = [
    ...(isDaily ? ['UsageDate'] : []),
    ...grouping.map(({ name }) => name),
    'Currency',
  ];
  return {
    columns: ['Cost', 'UsageQuantity', ...named].map((name) => ({ name })),
    rows: [...groups.values()].map(([cost, quantity, ...rest]) => [
      written(String(cost)),
      written(String(quantity)),
      ...rest,
    ]),
    nextLink: null,
  };
}

function holds(filter: Filter | undefined, of: Readonly<Record<string, string>>): boolean {
  if (filter === undefined) return true;
  if (filter.and !== undefined) return filter.and.every((one) => holds(one, of));
  if (filter.or !== undefined) return filter.or.some((one) => holds(one, of));
  const { name = '', values = [] } = filter.dimensions ?? {};
  return values.includes(of[name] ?? '');
}

export type CostScript = (
  asked: CostsAsked,
  request: { readonly url: string; readonly count: number },
) => ScriptedReply | undefined;

export interface CostWorld {
  readonly server: ScriptedServer;
  readonly collector: BillCollector;
  readonly scope: BillScope;
  readonly statement: () => Promise<BillStatement>;
  close(): Promise<void>;
}

/** A subscription with these charges; `instead` answers before it. */
export async function startCosts(
  charges: readonly Charged[],
  instead: CostScript = () => undefined,
  meter?: ApiMeter,
): Promise<CostWorld> {
  let count = 0;
  const server = await startScriptedServer([
    ({ body, url }) => {
      const asked = JSON.parse(body) as CostsAsked;
      count += 1;
      return instead(asked, { url, count }) ?? { body: pageText(answerOf(asked, charges)) };
    },
  ]);
  const collector = createAzureBillCollector(
    {
      name: 'prod',
      subscriptions: [billedSubscription],
      endpoint: server.url,
      credential: { kind: 'static_token', token: () => 'sesame' },
    },
    {
      now: () => billsNow,
      canonicalOf: (model, modelVersion) => ({ model: `openai/${model}`, modelVersion }),
      ...(meter && { meter }),
    },
  );
  const { signal } = new AbortController();
  const [scope] = (await collector.scopes(signal)).scopes;
  if (scope === undefined) throw new Error('no scope');
  return {
    server,
    collector,
    scope,
    statement: () => collector.fetch(scope, billedDays, signal),
    close: async () => {
      await collector.close();
      await server.close();
    },
  };
}
