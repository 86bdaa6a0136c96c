import type { EvidenceRow } from '../core/evidence.ts';
import type { Outcome, TokenMeter } from '../core/meter.ts';
import type { Amounts, TracedRow } from '../core/usage.ts';
import { addAmounts } from './by-amount.ts';
import type { ExplainedAmounts, ExplainedSum, ExplainedTerm } from './explanation.ts';

/** How a series is called where it is a term of a sum: `InputTokenCount Sum`. */
export interface TermName {
  readonly id: string;
  readonly says: string;
}

const columns = [
  ['input', 'input_tokens'],
  ['cacheRead', 'cache_read_tokens'],
  ['cacheWrite', 'cache_write_tokens'],
  ['output', 'output_tokens'],
  ['unsplitInput', 'unsplit_input_tokens'],
  ['requests', 'requests'],
  ['errors', 'errors'],
  ['throttles', 'throttles'],
] as const satisfies readonly (readonly [keyof Amounts, keyof ExplainedAmounts])[];

/** How the readings made each amount, all rows together. Rows whose readings are gone add nothing. */
export function sumsOf(
  rows: readonly EvidenceRow[],
  nameOf: (seriesId: number) => TermName,
): readonly ExplainedSum[] {
  const traced = rows.flatMap((row) => row.traced ?? []);
  const values = addAmounts(traced.map(({ amounts }) => amounts));
  return columns.flatMap(([amount, column]) => {
    const value = values[amount];
    if (value === null) return [];
    const terms = mergedTerms(traced.flatMap((row) => termsOf(row, amount, nameOf)));
    return [{ amount: column, value, terms, text: textOf(column, value, terms) }];
  });
}

function termsOf(
  row: TracedRow,
  amount: keyof Amounts,
  nameOf: (seriesId: number) => TermName,
): readonly ExplainedTerm[] {
  if (row.amounts[amount] === null) return [];
  const meter = (...names: readonly (TokenMeter | Outcome)[]) =>
    row.meters
      .filter((one) => names.includes(one.meter))
      .flatMap(({ terms }) => terms)
      .flatMap(({ seriesId, value, toldApart }): ExplainedTerm[] => {
        const { id, says } = nameOf(seriesId);
        const all: ExplainedTerm = { sign: '+', count: value, of: id, says };
        if (toldApart === 0) return [all];
        return [all, { sign: '-', count: toldApart, of: id, says: 'told apart by finer series' }];
      });
  if (amount === 'input' || amount === 'unsplitInput') {
    return [...meter('input'), ...(row.cachedTakenOut ? cachedTerms(row.amounts) : [])];
  }
  if (amount === 'requests') {
    const accepted = meter('accepted');
    const own = accepted.reduce((sum, one) => sum + (one.sign === '+' ? 1 : -1) * one.count, 0);
    return own === row.amounts.requests
      ? accepted
      : [...accepted, ...meter('client_error', 'server_error')];
  }
  return meter(...metersOf[amount]);
}

const metersOf = {
  cacheRead: ['cache_read'],
  cacheWrite: ['cache_write'],
  output: ['output'],
  errors: ['client_error', 'server_error'],
  throttles: ['throttled'],
} as const satisfies Readonly<
  Record<
    Exclude<keyof Amounts, 'input' | 'unsplitInput' | 'requests'>,
    readonly (TokenMeter | Outcome)[]
  >
>;

function cachedTerms({ cacheRead, cacheWrite }: Amounts): readonly ExplainedTerm[] {
  return [
    ...taken(cacheRead, 'cache_read_tokens', 'cache read'),
    ...taken(cacheWrite, 'cache_write_tokens', 'cache write'),
  ];
}

function taken(count: number | null, of: string, says: string): readonly ExplainedTerm[] {
  return count === null ? [] : [{ sign: '-', count, of, says }];
}

function mergedTerms(terms: readonly ExplainedTerm[]): readonly ExplainedTerm[] {
  const merged = new Map<string, ExplainedTerm>();
  for (const term of terms) {
    const key = `${term.sign} ${term.of}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? term : { ...known, count: known.count + term.count });
  }
  const all = [...merged.values()];
  return [...all.filter(({ sign }) => sign === '+'), ...all.filter(({ sign }) => sign === '-')];
}

/** `input_tokens = 12,000 (r1 InputTokenCount Sum) - 3,000 (cache read) = 9,000` */
function textOf(column: string, value: number, terms: readonly ExplainedTerm[]): string {
  const total = value.toLocaleString('en-US');
  if (terms.length === 0) return `${column} = ${total} (its meter is known and said nothing)`;
  const words = terms.map(({ sign, count, of, says }, index) => {
    const lead = index === 0 && sign === '+' ? '' : `${sign} `;
    const name = sign === '+' ? `${of} ${says}` : says;
    return `${lead}${count.toLocaleString('en-US')} (${name})`;
  });
  const sum = terms.length === 1 && terms[0]?.sign === '+' ? '' : ` = ${total}`;
  return `${column} = ${words.join(' ')}${sum}`;
}
