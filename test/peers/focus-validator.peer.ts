import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ChargePage } from '../../agent/core/charge.ts';
import { applicable } from '../support/focus-rules.ts';
import { focusFile, focusLedger, pagesOf } from '../support/focus-world.ts';
import { ensureVenv, findPython } from '../support/peers.ts';

vi.setConfig({ testTimeout: 180_000 });

const run = promisify(execFile);

/** The validator leaves room for a pyarrow that its own numpy does not go with. */
const requirements = ['focus-validator==2.2.1', 'pyarrow==18.1.0', 'numpy==1.26.4'];

/**
 * What it reports of any such file. A rule that applies under two criteria it applies under one of them, so it asks for the
 * columns of a pricing currency that differs, and for all in them. Of two rules one of which must hold (an invoice is there
 * or is not) it also reports the other.
 */
const expected =
  /^(?:PricingCurrency\w+-C-|CostAndUsage-D-0(?:4[678]|5[0124-6])-C$|InvoiceId-C-005-C$)/;

let validator: { readonly python: string; readonly folder: string };
let folder: string;
let pages: readonly ChargePage[];

beforeAll(async () => {
  validator = await ensureVenv('focus-validator', requirements, await findPython(3, 12));
  folder = await mkdtemp(join(tmpdir(), 'focus-validator-'));
  const ledger = await focusLedger();
  pages = await pagesOf(ledger);
  ledger.close();
}, 300_000);

afterAll(() => rm(folder, { recursive: true }));

/** Rules that failed, and how many passed. */
async function validate(name: string, bytes: Buffer) {
  const file = join(folder, name);
  await writeFile(file, bytes);
  const packages = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
  const { stdout: site } = await run(validator.python, ['-c', packages]);
  const argv = ['-m', 'focus_validator.main', '--data-file', file, '--validate-version', '1.2'];
  const criteria = ['--block-download', '--applicability-criteria', applicable.join(',')];
  // It looks for its own lists in the folder it is started in.
  const { stdout } = await run(validator.python, [...argv, ...criteria], { cwd: site.trim() });
  const failed = [...stdout.matchAll(/^\S+ (\S+): FAIL/gm)].map(([, rule = '']) => rule);
  const passed = [...stdout.matchAll(/^\S+ (\S+): PASS/gm)].length;
  return { failed, passed };
}

test.each(['x.csv', 'x.parquet'])('the validator of FOCUS passes %s', async (name) => {
  const { failed, passed } = await validate(name, await focusFile(pages, name));
  expect(failed.filter((rule) => !expected.test(rule))).toEqual([]);
  expect(passed).toBeGreaterThan(240);
});

test('the validator of FOCUS does not pass a category that FOCUS has not', async () => {
  const text = (await focusFile(pages, 'x.csv')).toString();
  const broken = text.replaceAll('AI and Machine Learning', 'Tokens');
  const { failed } = await validate('broken.csv', Buffer.from(broken));
  expect(failed).toContain('ServiceCategory-C-003-M');
});
