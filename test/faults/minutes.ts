import type { Ledger } from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import type { SourceRow } from '../../agent/query/sources.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import { figureColumns } from '../support/figures.ts';

/** `account region resource endpoint time column` → figure, of every minute of a span. */
export type Minutes = ReadonlyMap<string, number | null>;

export async function minutesOf(ledger: Ledger, span: Window): Promise<Minutes> {
  const { rows } = await queryUsage(ledger, {
    from: span.start,
    to: span.end,
    stepMs: 60_000,
    groupBy: ['account', 'region', 'resource', 'endpoint'],
    filters: new Map(),
    teams: [],
  });
  return new Map(
    rows.flatMap((row) =>
      figureColumns.map((column) => {
        const { account, region, resource, endpoint, time } = row;
        return [[account, region, resource, endpoint, time, column].join(' '), row[column]];
      }),
    ),
  );
}

/** Figures of blind targets that are not what they were before; null of a minute that nobody looked at is. */
export function newZeros(
  before: Minutes,
  late: Minutes,
  rows: readonly SourceRow[],
  blind: readonly string[],
): readonly string[] {
  const places = rows.filter((row) => blind.includes(row.target)).map(placeOf);
  return [...late]
    .filter(([name]) => places.some((place) => name.startsWith(place)))
    .filter(([name, figure]) => figure !== (before.get(name) ?? null))
    .map(([name, figure]) => `${name} became ${figure} while nobody could look`)
    .slice(0, 5);
}

function placeOf({ account, region, resource, target }: SourceRow): string {
  const endpoint = target.endsWith('/AWS/BedrockMantle')
    ? 'mantle'
    : target.endsWith('/AWS/Bedrock')
      ? 'runtime'
      : 'azure';
  return `${account} ${region} ${resource} ${endpoint} `;
}
