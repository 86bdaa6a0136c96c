import type { EvidenceRow, ExplainCost, ExplainedCost } from '../core/evidence.ts';
import { addKnown } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { CardSpan } from '../core/rating.ts';
import type { CostSums, IdentityRow } from '../core/store.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { amountNames } from '../core/usage.ts';
import { calibrationSaid } from './explain-calibration.ts';
import type { CalibrationFacts } from './explain-calibration.ts';
import { cardSaid } from './explain-cards.ts';
import { addAmounts, namedAmounts } from './by-amount.ts';
import { sumsOf } from './explain-sums.ts';
import type { TermName } from './explain-sums.ts';
import {
  agedNote,
  contractSaid,
  identifiedBy,
  notRatedNote,
  otherSettingsNote,
  provisionedNote,
  readAsHourNote,
  reasonSaid,
} from './explain-words.ts';
import { productText, rateText, usdText } from './exact.ts';
import type {
  ExplainedIdentity,
  ExplainedLine,
  ExplainedMoney,
  ExplainedPart,
  ExplainedPeriod,
  Said,
} from './explanation.ts';

export interface PartParts {
  readonly id: string;
  readonly identity: IdentityRow;
  readonly team: string;
  /** Of the identity, oldest first. */
  readonly rows: readonly EvidenceRow[];
  /** Undefined: never rated. */
  readonly spans: readonly CardSpan[] | undefined;
  /** What it bears of its deployment's capacity; undefined where there is none. */
  readonly capacity: string | undefined;
  readonly calibration: CalibrationFacts;
  readonly at: Instant;
  readonly nameOf: (seriesId: number) => TermName;
  readonly explainCost: ExplainCost;
}

export function partSaid(parts: PartParts): ExplainedPart {
  const { id, identity, team, rows, spans = [], nameOf, explainCost } = parts;
  const spanOf = (row: EvidenceRow) => spans.findLast(({ from }) => from <= row.start);
  const used = [...new Set(rows.flatMap((row) => spanOf(row) ?? []))];
  const cardId = (span: CardSpan | undefined) =>
    span === undefined ? null : `${id}${used.indexOf(span) + 1}`;
  const costs = rows.map((row) => {
    const span = spanOf(row);
    const cost = span && explainCost(span.card, row, row);
    return { row, span, cost };
  });
  const periods = costs.map(({ row, span, cost }) => periodSaid(row, cost, cardId(span)));
  const reasons = new Set(costs.flatMap(({ cost }) => cost?.reasons ?? []));
  return {
    id,
    identity: identitySaid(identity, team),
    ...namedAmounts(addAmounts(rows)),
    ...moneySaid(rows),
    contracts: contractsOf(rows),
    sums: sumsOf(rows, nameOf),
    cards: used.map((span) => cardSaid(cardId(span) ?? '', span)),
    periods,
    reasons: [...reasons].toSorted().map(reasonSaid),
    calibration: calibrationSaid(parts.calibration, identity.cloud, reasons.size > 0, parts.at),
    notes: notesOf(parts, periods, used),
  };
}

function identitySaid(row: IdentityRow, team: string): ExplainedIdentity {
  return {
    cloud: row.cloud,
    account: row.account,
    region: row.region,
    resource: row.resource,
    endpoint: row.endpoint,
    model: row.model,
    model_version: row.modelVersion,
    vendor_model: row.vendorModel,
    deployment: row.deployment,
    routing: row.routing,
    tier: row.tier,
    team,
    confidence: row.confidence,
    identified_by: identifiedBy(row),
  };
}

function periodSaid(
  row: EvidenceRow,
  cost: ExplainedCost | undefined,
  card: string | null,
): ExplainedPeriod {
  return {
    time: isoUtc(row.start),
    period_seconds: row.periodSeconds,
    ...namedAmounts(row),
    ...moneySaid([row]),
    card,
    context_band: cost?.band ?? null,
    most_input_tokens: row.mostInputTokens,
    lines: (cost?.lines ?? []).map(lineSaid),
    agrees: agrees(row, cost),
  };
}

const tokenTypes = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  output: 'output',
  unsplitInput: 'unsplit_input',
} as const;

function lineSaid({ amount, tokens, rate }: ExplainedCost['lines'][number]): ExplainedLine {
  return {
    token_type: tokenTypes[amount],
    tokens,
    low_usd_per_million: rateSaid(rate?.low),
    usd_per_million: rateSaid(rate?.best),
    high_usd_per_million: rateSaid(rate?.high),
    usd: rate === undefined ? null : productText(tokens, rate.best),
  };
}

function rateSaid(nano: NanoUsd | undefined): string | null {
  return nano === undefined ? null : rateText(nano);
}

function usdSaid(nano: NanoUsd | null): string | null {
  return nano === null ? null : usdText(nano);
}

function agrees(row: EvidenceRow, cost: ExplainedCost | undefined): boolean {
  const { traced } = row;
  const sameAmounts =
    traced === undefined || amountNames.every((name) => traced.amounts[name] === row[name]);
  if (cost === undefined) return sameAmounts && row.cost === null;
  const { rated } = cost;
  return (
    sameAmounts &&
    row.cost === rated.cost &&
    row.costLow === rated.low &&
    row.costHigh === rated.high &&
    row.unpricedTokens === rated.unpricedTokens
  );
}

/** Costs of rows together; null where none has a price. */
function addCosts(rows: readonly CostSums[]): CostSums {
  const sum = (name: 'cost' | 'costLow' | 'costHigh') =>
    rows.reduce<NanoUsd | null>((all, row) => addKnown(all, row[name]), null);
  return {
    cost: sum('cost'),
    costLow: sum('costLow'),
    costHigh: sum('costHigh'),
    unpricedTokens: rows.reduce((all, one) => all + one.unpricedTokens, 0),
  };
}

export function moneySaid(rows: readonly CostSums[]): ExplainedMoney {
  const { cost, costLow, costHigh, unpricedTokens } = addCosts(rows);
  return {
    cost_usd: usdSaid(cost),
    cost_low_usd: usdSaid(costLow),
    cost_high_usd: usdSaid(costHigh),
    unpriced_tokens: unpricedTokens,
  };
}

function contractsOf(rows: readonly EvidenceRow[]): readonly Said[] {
  const said = rows.flatMap(({ traced }) =>
    traced !== undefined && (traced.contract !== undefined || traced.violation)
      ? [contractSaid(traced)]
      : [],
  );
  return [...new Map(said.map((one) => [one.word + one.explanation, one])).values()];
}

function notesOf(
  { rows, identity, capacity }: PartParts,
  periods: readonly ExplainedPeriod[],
  used: readonly CardSpan[],
): readonly string[] {
  const isHour = rows.some(({ periodSeconds }) => periodSeconds > 60);
  const isOff = periods.some((period) => !period.agrees);
  const notes: string[] = [];
  if (used.length === 0 || rows.some(({ rated }) => !rated)) notes.push(notRatedNote);
  if (identity.tier === 'provisioned') notes.push(provisionedNote);
  if (capacity !== undefined) notes.push(capacity);
  if (isHour) notes.push(isOff ? agedNote : readAsHourNote);
  else if (isOff) notes.push(otherSettingsNote);
  return notes;
}
