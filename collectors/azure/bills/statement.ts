import type { BillLine, MeaningOf } from '../../../agent/core/bill.ts';
import type { Window } from '../../../agent/core/time.ts';
import { badAnswer } from '../errors.ts';
import type { Errand } from '../transport.ts';
import type { CostApi } from './cost-api.ts';
import type { CostQuestion } from './cost-question.ts';
import type { CostRow } from './cost-table.ts';
import { isSame, linesOf, missingOf } from './lines.ts';
import type { PartRows } from './lines.ts';
import { idOf } from './meters.ts';
import type { MeterBook } from './meters.ts';
import { meterQuestion, partsOf, partsQuestion, rowsQuestion } from './parts.ts';
import type { Part } from './parts.ts';

export interface StatementPorts {
  readonly costs: CostApi;
  readonly meters: MeterBook;
  readonly meaningOf: MeaningOf;
}

type MeterDimension = 'ResourceGuid' | 'Meter';

/** The makers whose models Azure bills through its marketplace, as meters and resources name them. */
const marketplaceModels = /\b(?:claude|anthropic)\b/i;

/**
 * Every line of a subscription's bill for models, whole, or an ExternalError. Questions: two for the parts, one a part for
 * its rows, another where commitments make a difference, and two or three where a meter is seen for the first time.
 */
export async function statementLines(
  ports: StatementPorts,
  errand: Errand,
  days: Window,
  signal: AbortSignal,
): Promise<readonly BillLine[]> {
  const ask = (question: CostQuestion) => ports.costs.ask(question, errand, signal);
  const charged = partsOf(await ask(partsQuestion('ActualCost', days)));
  const amortized = partsOf(await ask(partsQuestion('AmortizedCost', days)));

  const rowsOf = async (
    type: CostQuestion['type'],
    part: Part,
    meter: MeterDimension,
  ): Promise<readonly CostRow[]> => {
    const rows = await ask(rowsQuestion(type, days, part, meter));
    const missing = missingOf(part, rows);
    if (missing === undefined) return rows;
    const named = `${part.service}, ${part.chargeType}`;
    throw badAnswer(`${named}: ${missing}; it changed between two questions`, errand);
  };

  const both = async (part: Part, meter: MeterDimension): Promise<PartRows> => {
    const has = (list: readonly Part[]): Part | undefined =>
      list.find((one) => one.service === part.service && one.chargeType === part.chargeType);
    const [mine, other] = [has(charged), has(amortized)];
    const rows = mine === undefined ? [] : await rowsOf('ActualCost', mine, meter);
    if (mine !== undefined && isSame(mine, other))
      return { part, charged: rows, amortized: 'same' };
    const spread = other === undefined ? [] : await rowsOf('AmortizedCost', other, meter);
    return { part, charged: rows, amortized: spread };
  };

  const learn = async (
    type: CostQuestion['type'],
    rows: readonly CostRow[],
  ): Promise<readonly string[]> => {
    const ids = rows.map((row) => idOf(row.of.ResourceGuid));
    await ports.meters.learn(ids, (by) => ask(meterQuestion(type, days, by)));
    return ids.filter((id) => ports.meters.meterOf(id) === undefined);
  };

  /** By the meter's id, and by its name where not every row has an id with one name. */
  const whole = async (part: Part): Promise<PartRows> => {
    if (part.isMarketplace) return both(part, 'Meter');
    const rows = await both(part, 'ResourceGuid');
    const nameless = await learn('ActualCost', rows.charged);
    const spread = Array.isArray(rows.amortized) ? rows.amortized : [];
    const more = await learn('AmortizedCost', spread);
    return nameless.length + more.length === 0 ? rows : both(part, 'Meter');
  };

  const lines: BillLine[] = [];
  for (const part of unionOf(charged, amortized)) {
    const context = {
      subscription: errand.subscription,
      meterOf: (id: string) => ports.meters.meterOf(id),
      meaningOf: ports.meaningOf,
    };
    const rows = await whole(part);
    lines.push(...linesOf(part.isMarketplace ? ofModels(rows) : rows, context));
  }
  return lines;
}

/** Each part once. */
function unionOf(...lists: readonly (readonly Part[])[]): readonly Part[] {
  const parts = lists.flat().map((part) => [`${part.service}\n${part.chargeType}`, part] as const);
  return [...new Map(parts.toReversed()).values()].toReversed();
}

function ofModels(rows: PartRows): PartRows {
  const { amortized } = rows;
  return {
    ...rows,
    charged: rows.charged.filter(isModel),
    amortized: Array.isArray(amortized) ? amortized.filter(isModel) : amortized,
  };
}

function isModel({ of }: CostRow): boolean {
  return marketplaceModels.test(of.Meter ?? '') || marketplaceModels.test(of.ResourceId ?? '');
}
