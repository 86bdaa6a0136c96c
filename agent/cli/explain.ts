import { suggestion } from '../config/nearest.ts';
import type { Dimension } from '../core/dimension.ts';
import { explainCost } from '../pricing/cost-lines.ts';
import { explainFigure } from '../query/explain.ts';
import type { ExplainDeps, ExplainStep } from '../query/explain.ts';
import { nothingSaid } from '../query/explain-nothing.ts';
import type { NothingThere } from '../query/explain-nothing.ts';
import { TooBroadError } from '../query/too-broad.ts';
import { isDemoLedger } from './demo-config.ts';
import { explanationText } from './explain-text.ts';
import { wrap } from './format.ts';
import type { Platform } from './platform.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { parseWhen } from './when.ts';
import { WrongUseError } from './wrong-use.ts';

/** As it was typed. */
export interface ExplainOptions {
  readonly model: string;
  readonly at: string;
  readonly step?: string;
  readonly deployment?: string;
  readonly cloud?: string;
  readonly region?: string;
  readonly account?: string;
  readonly routing?: string;
  readonly tier?: string;
  readonly json?: boolean;
}

const narrowing = ['deployment', 'cloud', 'region', 'account', 'routing', 'tier'] as const;

/**
 * `crossbill explain`: one figure walked back, beside a running agent. Resolves to 1 where there is nothing at that time.
 */
export async function explainVerb(
  platform: Platform,
  configPath: string,
  options: ExplainOptions,
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const step = stepOf(options.step ?? '1m');
  const query = {
    model: options.model,
    at: parseWhen(options.at, now, '--at'),
    step,
    filters: filtersOf(options),
    teams: config.teams,
  };
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  try {
    const found = await askedOf({ reader, explainCost }, query);
    const { out, err } = platform;
    const width = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
    if (!found.found) {
      err.write(`${wrap(nothingText(found.nothing, query), err.columns)}\n`);
      return 1;
    }
    if (options.json === true) out.write(`${JSON.stringify(found.explanation, null, 2)}\n`);
    else out.write(explanationText(found.explanation, isDemoLedger(config.ledger.path), width));
    return 0;
  } finally {
    reader.close();
  }
}

async function askedOf(deps: ExplainDeps, query: Parameters<typeof explainFigure>[1]) {
  try {
    return await explainFigure(deps, query);
  } catch (error) {
    if (error instanceof TooBroadError) throw new WrongUseError(error.message);
    throw error;
  }
}

function stepOf(text: string): ExplainStep {
  if (text === '1m' || text === '1h') return text;
  throw new WrongUseError(`--step: ${JSON.stringify(text)} is none; a minute is 1m, an hour is 1h`);
}

function filtersOf(options: ExplainOptions): ReadonlyMap<Dimension, readonly string[]> {
  const filters = new Map<Dimension, readonly string[]>();
  for (const name of ['model', ...narrowing] as const) {
    const words = (options[name] ?? '').split(',').map((word) => word.trim());
    const wanted = words.filter((word) => word !== '');
    if (wanted.length > 0) filters.set(name, wanted);
  }
  if (filters.has('model')) return filters;
  throw new WrongUseError('--model: name a model, as openai/gpt-5.4');
}

function nothingText(
  nothing: NothingThere,
  { model, at, step }: { readonly model: string; readonly at: number; readonly step: ExplainStep },
): string {
  const said = nothingSaid(nothing, model, at, step);
  if (nothing.reason !== 'unknown') return said;
  return `${said}; ${suggestion(model, nothing.models, 'models that are known')}`;
}
