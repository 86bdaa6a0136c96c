import type { Labels } from '../../core/cloud.ts';
import type { Correction, FeedSums, ToldName, ToldTotal } from '../../core/exporter.ts';
import { addKnown } from '../../core/money.ts';
import type { Amounts } from '../../core/usage.ts';
import { decimalUsd } from './decimal-usd.ts';
import type { PromFamily, PromSample } from './exposition.ts';
import { labelSets } from './label-sets.ts';
import type { Labelled } from './label-sets.ts';

/** The token types are a partition: a sum over them counts nothing twice. */
const typesOfTokens = [
  { amount: 'input', more: { token_type: 'input' } },
  { amount: 'cacheRead', more: { token_type: 'cache_read' } },
  { amount: 'cacheWrite', more: { token_type: 'cache_write' } },
  { amount: 'output', more: { token_type: 'output' } },
  { amount: 'unsplitInput', more: { token_type: 'unsplit_input' } },
] as const satisfies readonly { readonly amount: keyof Amounts; readonly more: Labels }[];

/** Samples that one set of labels can have over all families here. */
const samplesASet = 16;

export interface UsageState {
  readonly totals: readonly ToldTotal[];
  readonly corrections: readonly Correction[];
}

interface Told {
  readonly name: ToldName;
  readonly total: ToldTotal | undefined;
  readonly correction: Correction | undefined;
}

const settled =
  'of periods that have settled since the agent first started. It comes from the ledger: no cloud is asked in a scrape, ' +
  'and usage shows once the meter has settled';

/**
 * What a feed has told, as counters that never fall, with what was corrected since as gauges beside them.
 * @param mostSeries of all families here together, about; what is left is summed up under the label value `overflow`
 */
export function usageFamilies(
  { totals, corrections }: UsageState,
  labelsOf: (name: ToldName) => Labels,
  mostSeries: number,
): readonly PromFamily[] {
  const corrected = new Map(corrections.map((one) => [one.name.id, one]));
  const told = new Set(totals.map(({ name }) => name.id));
  const members: readonly Told[] = [
    ...totals.map((total) => ({
      name: total.name,
      total,
      correction: corrected.get(total.name.id),
    })),
    ...corrections
      .filter(({ name }) => !told.has(name.id))
      .map((correction) => ({ name: correction.name, total: undefined, correction })),
  ];
  const most = Math.max(1, Math.floor(mostSeries / samplesASet));
  const { sets, folded } = labelSets(members, ({ name }) => labelsOf(name), most);
  const ofSets = (of: (set: Labelled<Told>) => readonly PromSample[]) => sets.flatMap(of);
  return [
    {
      name: 'crossbill_tokens_total',
      help: `Tokens ${settled}. The token types are a partition.`,
      type: 'counter',
      samples: ofSets((set) => tokens(set, ({ total }) => total)),
    },
    {
      name: 'crossbill_estimated_cost_usd_total',
      help: `Estimated cost in US dollars ${settled}; by the price at that time, of tokens that have one. No bill, and without provisioned capacity.`,
      type: 'counter',
      samples: ofSets((set) => cost(set, ({ total }) => total)),
    },
    {
      name: 'crossbill_requests_total',
      help: `Requests ${settled}. Outcomes: succeeded, failed, throttled.`,
      type: 'counter',
      samples: ofSets((set) => requests(set)),
    },
    {
      name: 'crossbill_unpriced_tokens_total',
      help: `Tokens without a price ${settled}.`,
      type: 'counter',
      samples: ofSets(({ labels, members: all }) => {
        const known = all.flatMap(({ total }) => total ?? []);
        if (known.length === 0) return [];
        return [{ labels, value: known.reduce((sum, one) => sum + one.unpricedTokens, 0) }];
      }),
    },
    {
      name: 'crossbill_correction_tokens',
      help: 'What the ledger says now of the periods in crossbill_tokens_total, less what was counted there: late data, restatements, other names.',
      type: 'gauge',
      samples: ofSets((set) => tokens(set, ({ correction }) => correction)),
    },
    {
      name: 'crossbill_correction_cost_usd',
      help: 'What the ledger says now of the cost in crossbill_estimated_cost_usd_total, less what was counted there: corrected usage and prices.',
      type: 'gauge',
      samples: ofSets((set) => cost(set, ({ correction }) => correction)),
    },
    {
      name: 'crossbill_folded_label_sets',
      help: 'Sets of labels that are summed up under the label value overflow, because there are too many.',
      type: 'gauge',
      samples: [{ labels: {}, value: folded }],
    },
  ];
}

type Pick = (told: Told) => FeedSums | undefined;

/** Null where no member knows. */
function sumOf(members: readonly Told[], of: (told: Told) => number | null | undefined) {
  return members.reduce<number | null>((sum, member) => {
    const value = of(member) ?? null;
    return value === null ? sum : (sum ?? 0) + value;
  }, null);
}

function tokens({ labels, members }: Labelled<Told>, pick: Pick): readonly PromSample[] {
  return typesOfTokens.flatMap(({ amount, more }) => {
    const value = sumOf(members, (told) => pick(told)?.amounts[amount]);
    return value === null ? [] : [{ labels, more, value }];
  });
}

const outcomes = [
  { more: { outcome: 'succeeded' }, of: (total: ToldTotal) => total.succeeded },
  { more: { outcome: 'failed' }, of: (total: ToldTotal) => total.amounts.errors },
  { more: { outcome: 'throttled' }, of: (total: ToldTotal) => total.amounts.throttles },
] as const;

function requests({ labels, members }: Labelled<Told>): readonly PromSample[] {
  return outcomes.flatMap(({ more, of }) => {
    const value = sumOf(members, ({ total }) => total && of(total));
    return value === null ? [] : [{ labels, more, value }];
  });
}

function cost({ labels, members }: Labelled<Told>, pick: Pick): readonly PromSample[] {
  const sum = members.reduce<bigint | null>(
    (known, told) => addKnown(known, pick(told)?.cost ?? null),
    null,
  );
  return sum === null ? [] : [{ labels, value: decimalUsd(sum) }];
}
