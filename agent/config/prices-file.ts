import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Discount, Price } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { readDocument } from './document.ts';
import type { Path, ReadDocument } from './document.ts';
import { listOf, section } from './fields.ts';
import { issueProblems } from './issue-problems.ts';
import type { PriceSetting } from './price-expand.ts';
import { overlaps } from './price-overlaps.ts';
import { discountRow, tokenRow, unitRow } from './price-rows.ts';
import { ConfigError, dottedPath } from './problems.ts';
import { readUtf8 } from './read-text.ts';
import type { ReferenceScope } from './secrets.ts';

/** What the user's own file says: the highest layer of the price book, and what is taken off the layers below it. */
export interface PricesFile {
  readonly prices: readonly Price[];
  readonly discounts: readonly Discount[];
  /** First twelve hexadecimal digits of the file's SHA-256: `sourceVersion` of its prices. */
  readonly version: string;
}

export interface PricesFileSetting extends PriceSetting, Pick<ReferenceScope, 'env'> {}

/** Reads and checks a prices file; its prices count as fetched when it was last written. Throws a ConfigError with every problem. */
export function loadPricesFile(file: string, setting: PricesFileSetting): PricesFile {
  const text = readUtf8(file, 'write one as the README shows it, or correct prices.file');
  const fetchedAt = Math.floor(statSync(file).mtimeMs);
  return parsePricesFile(text, { ...setting, file, fetchedAt });
}

/** Checks the text of a prices file; relative `${file:…}` count from the folder of `file`. Throws a ConfigError. */
export function parsePricesFile(
  text: string,
  {
    file,
    fetchedAt,
    env,
    ...setting
  }: PricesFileSetting & { readonly file: string; readonly fetchedAt: Instant },
): PricesFile {
  const document = readDocument(text, file, { env, directory: dirname(resolve(file)) });
  if (document.tree === undefined) throw new ConfigError(document.problems);
  if (document.tree === null) {
    const message = 'the file is empty; the README shows one, or delete prices.file';
    throw new ConfigError([{ file, line: 1, column: 1, path: '', message }]);
  }
  const result = schemaOf(setting).safeParse(document.tree);
  const told = new Set(document.problems.map(({ path }) => path));
  const found = (result.error?.issues ?? [])
    .flatMap((issue) => issueProblems(issue, file, document))
    .filter(({ path }) => !told.has(path));
  const problems = [...document.problems, ...found];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);

  const version = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const origin = { source: 'file', sourceVersion: version, fetchedAt } as const;
  const at = (path: Path) => `${basename(file)}:${document.placeOf(path, 'value').line}`;
  const priced = (['prices', 'provisioned'] as const).flatMap((list) =>
    result.data[list].map((prices, index) => ({ path: [list, index], prices })),
  );
  const discounted = result.data.discounts.map((discount, index) => {
    return { path: ['discounts', index], discount };
  });
  refuseOverlaps(file, document, [
    ...overlaps(priced.map(({ path, prices }) => ({ path, entries: prices }))),
    ...overlaps(discounted.map(({ path, discount }) => ({ path, entries: [discount] }))),
  ]);
  return {
    prices: priced.flatMap(({ path, prices }) =>
      prices.map((price) => ({ ...price, ...origin, reference: at(path) })),
    ),
    discounts: discounted.map(({ path, discount }) => ({ ...discount, reference: at(path) })),
    version,
  };
}

function schemaOf(setting: PriceSetting) {
  const row = '{ model: openai/gpt-5.4, cloud: azure';
  return section({
    prices: listOf(tokenRow(setting), {
      expected: `for example [${row}, usd_per_million: { input: 2.50, output: 15 } }]`,
      atLeast: 0,
    }).default([]),
    discounts: listOf(discountRow, {
      expected: `for example [${row}, off: 15% }]`,
      atLeast: 0,
    }).default([]),
    provisioned: listOf(unitRow(setting), {
      expected: 'for example [{ cloud: azure, routing: global, usd_per_unit_hour: 1.00 }]',
      atLeast: 0,
    }).default([]),
  });
}

function refuseOverlaps(
  file: string,
  document: ReadDocument,
  found: readonly { readonly path: Path; readonly earlier: Path }[],
): void {
  if (found.length === 0) return;
  throw new ConfigError(
    found.map(({ path, earlier }) => {
      const { line } = document.placeOf(earlier, 'value');
      const message = `holds at the same time as ${dottedPath(earlier)} on line ${line}: end one with \`to\` where the other begins with \`from\`, or tell their scopes apart`;
      return { file, path: dottedPath(path), ...document.placeOf(path, 'value'), message };
    }),
  );
}
