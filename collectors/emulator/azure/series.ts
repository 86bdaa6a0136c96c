import type { Labels } from '../../../agent/core/collector.ts';
import type { Aggregates, Column, Strand } from '../aggregate.ts';
import { hashText } from '../hash.ts';
import type { Request } from '../lane.ts';
import type { AzureLane } from '../scenario-lane.ts';
import { tierOrder } from '../serve-request.ts';
import { admits } from './filter.ts';
import type { EmulatedMetric } from './metrics.ts';
import type { Question } from './question.ts';
import { displayRegion } from './resources.ts';

/** The smallest piece a metric can be split into: one deployment, tier and status. */
interface Atom {
  /** Every dimension the piece has a value of, names in lower case. */
  readonly dimensions: Labels;
  readonly strand: Strand;
  readonly columns: readonly Column[];
  /** Divides the sum; percent of a provisioned deployment's capacity. */
  readonly capacity: number;
}

/** One series of an answer: what it is named, and the pieces it is added up from. */
export interface SeriesOf {
  /** The filtered dimensions, in the filter's order. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly atoms: readonly Atom[];
  /** Tells its quiet and late minutes from other series'. */
  readonly salt: number;
}

const statuses: readonly (readonly [code: string, column: Column])[] = [
  ['200', 'served'],
  ['400', 'clientErrors'],
  ['429', 'throttles'],
  ['500', 'serverErrors'],
];
/** What one provisioned unit does in a minute. */
const tokensPerUnit = 2_500;
const tierWords: Readonly<Record<Request['tier'], string>> = {
  standard: 'default',
  priority: 'priority',
  flex: 'flex',
  batch: 'default',
  provisioned: 'default',
};

/** The series a metric of these deployments has under a question's filter; without a filter one, of everything. */
export function seriesOf(
  metric: EmulatedMetric,
  lanes: readonly AzureLane[],
  aggregates: Aggregates,
  question: Question,
): readonly SeriesOf[] {
  const groups = new Map<string, { dimensions: SeriesOf['dimensions']; atoms: Atom[] }>();
  const split = [...question.filter.keys()].filter((name) => !question.rollUp.has(name));
  for (const lane of lanes) {
    if (!metric.reportedBy(lane)) continue;
    for (const atom of atomsOf(metric, lane, lanes, aggregates)) {
      const kept = [...question.filter].every(([name, wanted]) =>
        admits(wanted, atom.dimensions[name] ?? ''),
      );
      if (!kept) continue;
      const dimensions = split.map((name) => [name, atom.dimensions[name] ?? ''] as const);
      const key = JSON.stringify(dimensions);
      const group = groups.get(key) ?? { dimensions, atoms: [] };
      group.atoms.push(atom);
      groups.set(key, group);
    }
  }
  return [...groups].map(([key, group]) => ({ ...group, salt: hashText(`${metric.name} ${key}`) }));
}

function atomsOf(
  metric: EmulatedMetric,
  lane: AzureLane,
  lanes: readonly AzureLane[],
  aggregates: Aggregates,
): readonly Atom[] {
  return tierOrder.flatMap((tier) => {
    const strand = lane.tiers[tier] === undefined ? undefined : aggregates.strand(lane, tier);
    if (strand === undefined) return [];
    const dimensions = valuesOf(metric, lane, tier, lanes);
    return piecesOf(metric, lane).map(({ status, ...piece }) => ({
      ...piece,
      strand,
      dimensions: status === undefined ? dimensions : { ...dimensions, statuscode: status },
    }));
  });
}

type Piece = Pick<Atom, 'columns' | 'capacity'> & { readonly status?: string };

function piecesOf({ reading }: EmulatedMetric, lane: AzureLane): readonly Piece[] {
  switch (reading.kind) {
    case 'total':
      return [{ columns: reading.columns, capacity: 1 }];
    case 'requests':
      return statuses.map(([status, column]) => ({ status, columns: [column], capacity: 1 }));
    case 'spread':
      return [{ columns: [reading.of], capacity: 1 }];
    case 'utilization': {
      const perPercent = (lane.capacity * tokensPerUnit) / 100;
      return [{ columns: ['input', 'output'], capacity: perPercent }];
    }
    case 'nothing':
  }
  return [];
}

function valuesOf(
  metric: EmulatedMetric,
  lane: AzureLane,
  tier: Request['tier'],
  lanes: readonly AzureLane[],
): Labels {
  const aboutTokens = metric.reading.kind === 'total';
  const takesOverflow = lanes.some((other) => other.spillover === lane.deployment);
  return {
    modeldeploymentname: lane.deployment,
    modelname: lane.modelName,
    modelversion: lane.modelVersion,
    featurename: lane.modelName,
    region: aboutTokens ? lane.region : displayRegion(lane.region),
    apiname: aboutTokens ? 'OpenAI' : 'Azure OpenAI API version 2026-06-01-preview',
    usagechannel: 'Cloud',
    operationname: 'ChatCompletions_Create',
    streamtype: 'Streaming',
    contextlength: 'Standard',
    isspillover: takesOverflow ? 'True' : 'False',
    servicetierrequest: tier === 'priority' ? 'priority' : 'auto',
    servicetierresponse: tierWords[tier],
  };
}
