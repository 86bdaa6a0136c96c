import type { Window } from '../../../agent/core/time.ts';
import type { CostClause, CostDimension, CostQuestion } from './cost-question.ts';
import type { CostRow } from './cost-table.ts';

/** What models are billed under: the second holds older meters and many that are no models', the third is out of use. */
const modelServices = ['Foundry Models', 'Cognitive Services', 'Azure OpenAI'] as const;
const marketplace = { PublisherType: ['Marketplace'] } as const;
const everything: readonly CostClause[] = [{ ServiceName: modelServices }, marketplace];

/**
 * A share of the bill that is asked for by itself: one service and one type of charge. The parts of a listing do not overlap
 * and are all there is, for they are what the bill itself was summed up by.
 */
export interface Part {
  readonly service: string;
  readonly chargeType: string;
  /** Whether it is sold by others through Azure: no Azure meter, so without a meter's id. */
  readonly isMarketplace: boolean;
  /** What it comes to, one row a currency. */
  readonly sums: readonly CostRow[];
}

type CostType = CostQuestion['type'];

/** Which services and types of charge there are. */
export function partsQuestion(type: CostType, days: Window): CostQuestion {
  const groupings = ['ServiceName', 'ChargeType'] as const;
  return { type, days, granularity: 'None', groupings, anyOf: everything };
}

export function partsOf(rows: readonly CostRow[]): readonly Part[] {
  const parts = new Map<string, CostRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.of.ServiceName, row.of.ChargeType]);
    parts.set(key, [...(parts.get(key) ?? []), row]);
  }
  return [...parts.values()].map((sums) => {
    const { ServiceName: service = '', ChargeType: chargeType = '' } = sums[0]?.of ?? {};
    return { service, chargeType, isMarketplace: !isModelService(service), sums };
  });
}

/** The rows of a part, day by day. */
export function rowsQuestion(
  type: CostType,
  days: Window,
  part: Part,
  meter: 'ResourceGuid' | 'Meter',
): CostQuestion {
  return {
    type,
    days,
    granularity: 'Daily',
    groupings: ['ResourceId', meter],
    anyOf: [
      {
        ServiceName: [part.service],
        ChargeType: [part.chargeType],
        ...(part.isMarketplace ? marketplace : {}),
      },
    ],
  };
}

/** What each meter's id goes with, over all days. */
export function meterQuestion(type: CostType, days: Window, by: CostDimension): CostQuestion {
  const anyOf = [{ ServiceName: modelServices }];
  return { type, days, granularity: 'None', groupings: ['ResourceGuid', by], anyOf };
}

function isModelService(service: string): boolean {
  return modelServices.some((one) => one.toLowerCase() === service.toLowerCase());
}
