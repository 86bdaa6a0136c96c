import type { ExporterStatus } from '../core/exporter.ts';
import type {
  AlertCommands,
  AlertReader,
  OutboxReader,
  OutboxWriter,
} from '../core/alert-store.ts';
import type { Audit } from '../core/audit.ts';
import type { BillReader } from '../core/bill-store.ts';
import type { BudgetStatus } from '../core/budget.ts';
import type { EvidenceReader, ExplainCost } from '../core/evidence.ts';
import type { Log } from '../core/log.ts';
import type { FocusWriter } from '../core/focus.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import type { Price } from '../core/price.ts';
import type { Clock } from '../core/time.ts';
import type { StatusReader, UsageReader } from '../core/store.ts';
import type { Filters, TeamRule } from '../query/dimensions.ts';
import type { z } from 'zod';
import type { Access, Scope } from './auth.ts';
import { readParams } from './read-params.ts';
import type { Suggest } from './read-params.ts';

/** What routes answer from. */
export interface RouteDeps {
  readonly reader: UsageReader;
  readonly status: StatusReader;
  /** Where settled usage goes; absent: nowhere. */
  readonly exporters?: () => readonly ExporterStatus[];
  readonly bills: BillReader;
  readonly audit: Audit;
  readonly book: Pick<PriceBookReader, 'prices'>;
  /** What stands behind a figure, and by which prices it was rated. */
  readonly evidence: EvidenceReader & Pick<PriceBookReader, 'cardsOf'>;
  readonly explainCost: ExplainCost;
  /** What writes FOCUS files; absent: this agent writes none. */
  readonly focusWriter?: () => Promise<FocusWriter>;
  /** Of the user's own file, which is not in the ledger. */
  readonly filePrices: readonly Price[];
  /** Alerts and silences, and what people do to them; absent: this agent has none. */
  readonly alerts?: AlertAccess | undefined;
  /** Messages on their way to people; absent: this agent sends none. */
  readonly outbox?: (OutboxReader & Pick<OutboxWriter, 'retryDelivery'>) | undefined;
  /** Hears that a message was made due by hand. */
  readonly wakeDelivery?: (() => void) | undefined;
  /** How budgets stand, of those that hold nothing outside the scope; absent: this agent has none. */
  readonly budgets?: ((scope: Filters) => Promise<readonly BudgetStatus[]>) | undefined;
  readonly clock: Clock;
  readonly teams: readonly TeamRule[];
  /** How often targets are read. */
  readonly everySeconds: number;
}

export interface AlertAccess {
  readonly reader: AlertReader;
  readonly commands: AlertCommands;
  /** For silences: unique, short enough for a path. */
  readonly newId: () => string;
  /** Where who did what is written down. */
  readonly log: Pick<Log, 'info'>;
}

interface Answer {
  /** A flat array of rows; where the route is a document, that; where it has a media type, the bytes. */
  readonly rows: readonly object[] | object | AsyncIterable<Uint8Array | string>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A path that answers GET with a flat array of rows, or with one document: what validates it is what documents it. */
export interface Route {
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly scope: Scope;
  readonly params: z.ZodObject;
  readonly row: z.ZodType;
  /**
   * Who asks the same while it is being answered is told the same: nothing that people do here changes it. `by-minute`: a range
   * that begins and ends in the same minutes is the same. `until-changed`: so is one of a range that the asker names while the
   * ledger does not change, for it is made of nothing else.
   */
  readonly sharing?: 'exactly' | 'by-minute' | 'until-changed';
  /** The answer is one `row` by itself, not an array of them. */
  readonly isDocument?: true;
  /** The answer is a stream of this type, whose lines have the columns of `row`. */
  readonly mediaType?: string;
  /** What the row is called in the OpenAPI document. */
  readonly rowName: string;
  /** Headers of the answer with what they say. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it can be that there is nothing to answer with: a 404. */
  readonly mayLack?: true;
  /** Throws a ProblemError, or what the query throws. */
  answer(
    search: URLSearchParams,
    access: Access,
    deps: RouteDeps,
    suggest: Suggest,
  ): Promise<Answer>;
}

interface Definition<Shape extends z.ZodRawShape> extends Omit<Route, 'params' | 'answer'> {
  readonly params: z.ZodObject<Shape>;
  answer(params: z.output<z.ZodObject<Shape>>, access: Access, deps: RouteDeps): Promise<Answer>;
}

export function defineRoute<Shape extends z.ZodRawShape>(definition: Definition<Shape>): Route {
  return {
    ...definition,
    answer: async (search, access, deps, suggest) =>
      definition.answer(readParams(definition.params, search, suggest), access, deps),
  };
}
