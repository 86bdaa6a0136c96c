import { bench, describe } from 'vitest';
import type { RateCard } from '../../agent/core/rating.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { amountsOf, azureGlobal, gpt54, priceOf } from '../agent/pricing/book-world.ts';

/** What it costs to rate a row, and to make the cards of a subject. Prints microseconds by the fastest of the iterations. */
const rows = 10_000;
const iterations = 60;

const exact = [
  priceOf('input', 3.3),
  priceOf('cache_read', 0.33),
  priceOf('cache_write', 4.125),
  priceOf('output', 16.5),
];
const rater = createRater(
  [...gpt54, ...exact.map((one) => ({ ...one, cloud: 'aws' as const }))],
  [],
);

function cardOf(cloud: 'aws' | 'azure'): RateCard {
  const [span] = rater.cardsOf({ ...azureGlobal, cloud });
  if (span === undefined) throw new Error('no card');
  return span.card;
}

/** Of different sizes, so that no sum is the last one's. */
function rowsOf(tell: (size: number) => Partial<Amounts>): readonly Amounts[] {
  return Array.from({ length: rows }, (_, row) =>
    amountsOf(tell(1_000 + ((row * 7_919) % 90_000))),
  );
}

const cases: Readonly<Record<string, readonly [RateCard, readonly Amounts[]]>> = {
  'all four priced, no range': [
    cardOf('aws'),
    rowsOf((n) => ({ input: n, cacheRead: 3 * n, cacheWrite: n, output: n })),
  ],
  'unsplit input, no long request': [
    cardOf('azure'),
    rowsOf((n) => ({ unsplitInput: n, output: n })),
  ],
  'unsplit input, perhaps a long request': [
    cardOf('azure'),
    rowsOf((n) => ({ unsplitInput: 300_000 + n, output: n })),
  ],
  'beyond the safe integers': [
    cardOf('aws'),
    rowsOf((n) => ({ input: n * 1e11, cacheRead: n, cacheWrite: n, output: n })),
  ],
};

describe('rate', () => {
  for (const [name, [card, all]] of Object.entries(cases)) {
    timed(`rate, ${name}`, rows, () => {
      let sum = 0n;
      for (const amounts of all) {
        sum += rater.rate(card, amounts, { mostInputTokens: null }).high ?? 0n;
      }
      return sum;
    });
  }
});

describe('cards', () => {
  const models = 500;
  const prices = Array.from({ length: models }, (_, model) =>
    [...gpt54, ...exact].map((one) => ({ ...one, model: `openai/gpt-${model}` })),
  ).flat();
  const book = createRater(prices, []);
  let fresh = 0;
  timed('cards of a new subject, in a book of 500 models', 1, () => {
    fresh += 1;
    const subject = {
      ...azureGlobal,
      account: `sub-${fresh}`,
      model: `openai/gpt-${fresh % models}`,
    };
    return BigInt(book.cardsOf({ ...subject, routing: 'unknown', tier: 'unknown' }).length);
  });
});

/** `work` does `times` of what is measured. Its sum is used, so that nothing is left out. */
function timed(name: string, times: number, work: () => bigint): void {
  let spentMs: number[] = [];
  let used = 0n;
  bench(
    name,
    () => {
      const from = performance.now();
      used += work();
      spentMs.push(performance.now() - from);
    },
    {
      iterations,
      time: 0,
      warmupIterations: iterations,
      warmupTime: 0,
      setup() {
        spentMs = [];
      },
      teardown(_task, mode) {
        if (mode === 'warmup') return;
        const microseconds = ((Math.min(...spentMs) * 1_000) / times).toFixed(3);
        process.stdout.write(`${name}: ${microseconds} µs${used < 0n ? '?' : ''}\n`);
      },
    },
  );
}
