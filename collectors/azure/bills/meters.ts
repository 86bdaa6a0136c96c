import { ExternalError } from '../../../agent/core/errors.ts';
import type { CostDimension } from './cost-question.ts';
import type { CostRow } from './cost-table.ts';
import { needsProduct } from './meaning.ts';

/** What belongs to a meter's id. */
export interface BilledMeter {
  readonly name: string;
  /** As Azure writes it: `1K`; empty where it does not say, or says several. */
  readonly unit: string;
  /** Empty where it was not asked for. */
  readonly product: string;
}

/** Rows of meter ids and one more dimension. */
export type AskMeters = (by: CostDimension) => Promise<readonly CostRow[]>;

/** Every meter that was billed, by its id. */
export interface MeterBook {
  /**
   * Learns of the ids that are not known yet: two questions where there are any, a third where the name of one does not say
   * what it counts. A meter's name, unit and product do not change, so what was learned is kept.
   */
  learn(ids: readonly string[], ask: AskMeters): Promise<void>;
  /** Undefined where the bill gave the id no name, or several. */
  meterOf(id: string): BilledMeter | undefined;
}

export function createMeterBook(): MeterBook {
  const known = new Map<string, BilledMeter>();
  return {
    async learn(ids, ask) {
      if (ids.every((id) => id === '' || known.has(id))) return;
      const names = onlyOnes(await ask('Meter'), 'Meter');
      const units = onlyOnes(await askOr400(ask, 'UnitOfMeasure'), 'UnitOfMeasure');
      const unclear = [...names.values()].some(needsProduct);
      const by = 'MeterSubcategory';
      const told = unclear ? onlyOnes(await askOr400(ask, by), by) : undefined;
      for (const [id, name] of names) {
        if (id === '' || name === '' || known.has(id)) continue;
        known.set(id, { name, unit: units.get(id) ?? '', product: told?.get(id) ?? '' });
      }
    },
    meterOf: (id) => known.get(id),
  };
}

/** Not every kind of agreement knows every dimension: none is told then. */
async function askOr400(ask: AskMeters, by: CostDimension): Promise<readonly CostRow[]> {
  try {
    return await ask(by);
  } catch (thrown) {
    if (thrown instanceof ExternalError && /: 400\b/.test(thrown.message)) return [];
    throw thrown;
  }
}

/** By id the word that goes with it; an id that goes with several is left out. */
function onlyOnes(rows: readonly CostRow[], by: CostDimension): ReadonlyMap<string, string> {
  const words = new Map<string, string | undefined>();
  for (const { of } of rows) {
    const id = idOf(of.ResourceGuid);
    const word = of[by] ?? '';
    words.set(id, !words.has(id) || words.get(id) === word ? word : undefined);
  }
  return new Map([...words].flatMap(([id, word]) => (word === undefined ? [] : [[id, word]])));
}

/** Ids are compared in lower case. */
export function idOf(guid: string | undefined): string {
  return (guid ?? '').toLowerCase();
}
