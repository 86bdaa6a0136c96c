import { billedRow } from './billed.ts';
import * as z from 'zod';
import { amountColumns, count } from './rows.ts';

const text = (description: string) => z.string().meta({ description });
const maybe = (description: string) => z.string().nullable().meta({ description });
const moment = (description: string) => z.iso.datetime().meta({ description });
const momentOrNull = (description: string) => z.iso.datetime().nullable().meta({ description });
const usd = (description: string) =>
  z
    .string()
    .regex(/^\d+\.\d+$/)
    .nullable()
    .meta({ description: `${description}, dollars as exact decimal text` });

const money = {
  cost_usd: usd('Cost of what has a price; null where nothing has'),
  cost_low_usd: usd('The least it can be'),
  cost_high_usd: usd('The most it can be'),
  unpriced_tokens: z.int().nonnegative().meta({ description: 'Tokens that have no price' }),
};

const said = z.object({ word: z.string(), explanation: z.string() });

const identity = z.object({
  cloud: z.string(),
  account: z.string(),
  region: z.string(),
  resource: z.string(),
  endpoint: z.string(),
  model: z.string(),
  model_version: z.string(),
  vendor_model: z.string(),
  deployment: z.string(),
  routing: z.string(),
  tier: z.string(),
  team: z.string(),
  confidence: text('How sure the model is'),
  identified_by: text('Who says so'),
});

const sum = z.object({
  amount: z.object(amountColumns).keyof(),
  value: z.int(),
  terms: z.array(
    z.object({
      sign: z.enum(['+', '-']),
      count: z.int(),
      of: text('A reading by its id, or the amount that is taken out'),
      says: z.string(),
    }),
  ),
  text: text('The same as a line'),
});

const price = z.object({
  token_type: z.string(),
  best: z.boolean().meta({ description: 'Whether the best rate is this price' }),
  source: text('A layer of the price book, or discount'),
  source_version: z.string(),
  reference: text('Where it stands there'),
  effective_from: momentOrNull('Null: its source does not date it'),
  effective_to: momentOrNull(
    'When it, or one that it is weighed against, ends; null: no end is known',
  ),
  price_of: maybe('What the row is for; null of a discount'),
  context_band: z.string(),
  cache_ttl: z.string(),
  scope: z.record(z.string(), z.string()),
  usd: usd('Before any factor; null of a discount'),
  per: z.enum(['million_tokens', 'unit_hour']),
  factor: text('What of the price is taken, or left to pay'),
});

const card = z.object({
  id: z.string(),
  from: momentOrNull('Null: ever since'),
  to: momentOrNull('Null: no end is known'),
  threshold_tokens: count('Input of one request above which the long band holds'),
  prices: z.array(price),
  rates: z.array(
    z.object({
      token_type: z.string(),
      context_band: z.enum(['any', 'short', 'long']),
      low_usd_per_million: z.string(),
      usd_per_million: z.string(),
      high_usd_per_million: z.string(),
      text: maybe('How the best rate comes from its price rows'),
    }),
  ),
  unpriced: maybe('Why some or all of it has no price'),
});

const period = z.object({
  time: moment('Its start'),
  period_seconds: z.int(),
  ...amountColumns,
  ...money,
  card: maybe('The card that holds then'),
  context_band: z
    .enum(['any', 'short', 'either'])
    .nullable()
    .meta({ description: 'short: no request passed the threshold; either: any of them may have' }),
  most_input_tokens: count('No request had more input tokens'),
  lines: z.array(
    z.object({
      token_type: z.string(),
      tokens: z.int(),
      low_usd_per_million: usd('At the least'),
      usd_per_million: usd('Taken to hold; null: no price'),
      high_usd_per_million: usd('At the most'),
      usd: usd('Tokens times the rate, over a million, not rounded'),
    }),
  ),
  agrees: z.boolean().meta({ description: 'Whether this arithmetic gives what the ledger holds' }),
});

const part = z.object({
  id: z.string(),
  identity,
  ...amountColumns,
  ...money,
  contracts: z.array(said).meta({ description: 'What the input meter counts, and who says so' }),
  sums: z.array(sum).meta({ description: 'How readings became amounts' }),
  cards: z.array(card).meta({ description: 'What tokens cost, and by which prices' }),
  periods: z.array(period).meta({ description: 'The rows of the ledger, each rated by itself' }),
  reasons: z.array(said).meta({ description: 'Why the cost is a range' }),
  calibration: z
    .object({
      state: z.enum(['not_needed', 'no_bills', 'not_learnt', 'calibrated']),
      explanation: z.string(),
      learnt: z
        .object({
          method: z.literal('trimmed_mean_of_days'),
          from: moment('Start of the oldest billed day that taught it'),
          to: moment('End of the newest'),
          days: z.int().meta({ description: 'How many of them taught' }),
          age_days: z.int().meta({ description: 'Whole days from their end to the figure' }),
          learnt_at: moment('When it was learnt or confirmed last'),
          holds_from: moment('Costs from here on are estimated by it'),
          shares: z.array(z.object({ of: z.string(), share: text('0 to 1') })),
        })
        .nullable(),
    })
    .meta({ description: 'Where the cost between low and high comes from' }),
  notes: z.array(z.string()),
});

const reading = z.object({
  id: z.string(),
  target: z.string(),
  namespace: z.string(),
  metric: z.string(),
  dimensions: z.record(z.string(), z.string()),
  measure: z.string(),
  role: z.enum(['counted', 'elsewhere', 'told_apart', 'repeated', 'silent']),
  period_seconds: z.int(),
  points: z.array(
    z.object({
      time: moment('Its start'),
      values: z.record(z.string(), z.number()).meta({ description: 'By statistic' }),
      vanished_at: momentOrNull('When a later read missed it'),
    }),
  ),
  read: z
    .object({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      last_read_at: moment('When any of the span was read last'),
      settled: z.boolean(),
    })
    .nullable()
    .meta({ description: 'The span, read whole, that it lies in; null: it was not read' }),
});

/** What `explainFigure` answers with. */
export const explanation = z.object({
  model: text('As it was asked for'),
  time: moment('Start of the period'),
  end: moment('Its end, exclusive'),
  step: z.enum(['1m', '1h']),
  ...amountColumns,
  ...money,
  settled: z.boolean().meta({ description: 'Read whole after the last change the cloud may make' }),
  agrees: z.boolean().meta({
    description:
      'Whether readings, contract and prices give to the nano-dollar what the ledger holds',
  }),
  parts: z.array(part).meta({ description: 'One a deployment or model and tier' }),
  readings: z.array(reading),
  revisions: z
    .array(z.object({ at: z.iso.datetime(), from: z.iso.datetime(), to: z.iso.datetime() }))
    .meta({ description: 'When spans that touch the period changed in the ledger' }),
  rounding: z.string(),
  billed: z
    .object({
      state: z.enum(['no_bills', 'not_told', 'provisional', 'final']),
      explanation: z.string(),
      lines: z.array(billedRow),
    })
    .meta({ description: 'The bill of the whole UTC day, of which the figure is a part' }),
  commands: z.array(
    z.object({
      reads: z.array(z.string()).meta({ description: 'Readings by id' }),
      note: text('Where it runs'),
      command: text('For a POSIX shell'),
      words: z.array(z.string()),
    }),
  ),
});
