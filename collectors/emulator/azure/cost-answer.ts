import type { Instant } from '../../../agent/core/time.ts';
import { isoUtc } from '../../../agent/core/time.ts';
import { jsonAnswer } from '../http.ts';
import type { Answer, Received } from '../http.ts';
import type { World } from '../world.ts';
import { chargesOf } from './cost-charges.ts';
import type { Charge } from './cost-charges.ts';
import type { CostLimits } from './cost-limits.ts';
import { understandCosts } from './cost-question.ts';
import type { CostQuestion } from './cost-question.ts';

export interface CostOptions {
  /** Undefined: calls are not limited. */
  readonly limits: CostLimits | undefined;
  readonly pageRows: number;
}

/** Cost Management's query of one subscription. Pages after the first are POSTed with the same body. */
export function answerCosts(
  world: World,
  subscription: string,
  received: Received,
  { limits, pageRows }: CostOptions,
): Answer {
  const question = understandCosts(jsonOf(received.body));
  if ('refused' in question) {
    const message = `Invalid query definition: ${question.refused}`;
    return jsonAnswer(400, { error: { code: 'BadRequest', message } });
  }
  const { headers, url } = received;
  const clientType = headers['clienttype'] ?? '';
  const refused = limits?.({ subscription, clientType, units: question.units }, world.now());
  if (refused !== undefined) return refused;
  const rows = rowsOf(chargesOf(world, subscription, question.days), question);
  const from = Number(url.searchParams.get('$skiptoken') ?? '0');
  const next = new URL(`${url.pathname}${url.search}`, `http://${headers['host'] ?? '127.0.0.1'}`);
  next.searchParams.set('$skiptoken', String(from + pageRows));
  return jsonAnswer(200, {
    id: `subscriptions/${subscription}/providers/Microsoft.CostManagement/query/1`,
    name: '1',
    type: 'Microsoft.CostManagement/query',
    location: null,
    properties: {
      nextLink: from + pageRows < rows.length ? next.href : null,
      columns: columnsOf(question),
      rows: rows.slice(from, from + pageRows),
    },
  });
}

interface Sum {
  readonly day: Instant;
  readonly of: Charge['of'];
  cost: number;
  quantity: number;
}

/** In an order of its own: nobody may count on another. */
function columnsOf({ isDaily, groupings, amounts }: CostQuestion) {
  return [
    { name: 'Currency', type: 'String' },
    ...groupings.toReversed().map((name) => ({ name, type: 'String' })),
    ...(isDaily ? [{ name: 'UsageDate', type: 'Number' }] : []),
    ...amounts.toReversed().map((name) => ({ name, type: 'Number' })),
  ];
}

function rowsOf(charges: readonly Charge[], question: CostQuestion): readonly unknown[][] {
  const { isDaily, groupings, amounts, isWanted } = question;
  const sums = new Map<string, Sum>();
  for (const charge of charges.filter(isWanted)) {
    const day = isDaily ? charge.day : 0;
    const key = JSON.stringify([day, ...groupings.map((name) => charge.of[name])]);
    const sum = sums.get(key) ?? { day, of: charge.of, cost: 0, quantity: 0 };
    sums.set(key, sum);
    sum.cost += charge.cost;
    sum.quantity += charge.quantity;
  }
  return [...sums.values()].map(({ day, of, cost, quantity }) => [
    'USD',
    ...groupings.toReversed().map((name) => of[name]),
    ...(isDaily ? [Number(isoUtc(day).slice(0, 10).replaceAll('-', ''))] : []),
    ...amounts.toReversed().map((name) => (name === 'Cost' ? cost : quantity)),
  ]);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
