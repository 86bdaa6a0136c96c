import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boardsJson, panelsOf } from '../dashboards/grafana/board-schema.ts';
import { ensureDebianPackage } from '../support/peers.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'crossbill-promql-'));
let promtool: string;

beforeAll(async () => {
  const unpacked = await ensureDebianPackage('prometheus', 'prometheus=2.42.0*');
  promtool = join(unpacked, 'usr', 'bin', 'promtool');
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As Grafana sends them for somebody who chose nothing. */
const expressions = boardsJson()
  .flatMap(panelsOf)
  .flatMap(({ title, targets }) =>
    targets.flatMap((target) =>
      'expr' in target
        ? [
            {
              title,
              expr: target.expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.+'),
            },
          ]
        : [],
    ),
  );

/** A rule a file, for promtool reads rules. */
function check(name: string, expr: string) {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ groups: [{ name, rules: [{ record: 'x', expr }] }] }));
  return run(promtool, ['check', 'rules', file]);
}

test('there are expressions to read', () => {
  expect(expressions.length).toBeGreaterThan(10);
});

test.each(expressions)('Prometheus reads the expression of "$title"', async ({ title, expr }) => {
  const { stdout } = await check(title.replaceAll(/\W/g, '-'), expr);
  expect(stdout).toContain('SUCCESS');
});

test('and not one that is broken', async () => {
  await expect(check('broken', 'sum by (cloud (up)')).rejects.toThrow(/parse error/);
});
