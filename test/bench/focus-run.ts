import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Charge, ChargePage, ChargedAmount } from '../../agent/core/charge.ts';
import { focusFormatOf } from '../../agent/core/focus.ts';
import { dayMs } from '../../agent/core/time.ts';
import { focusBytes } from '../../exporters/focus/focus.ts';

/** Writes a FOCUS file of made-up charges and prints what that took. Arguments: rows, file. */
const [, , rowsText = '0', path = ''] = process.argv;
const rows = Number(rowsText);
const rowsOfPage = 400;
const amounts: readonly ChargedAmount[] = ['input', 'cacheRead', 'cacheWrite', 'output'];
const november = Date.UTC(2026, 10, 1);

function chargeOf(row: number): Charge {
  const traffic = Math.floor(row / amounts.length) % 5_000;
  const day = november + (Math.floor(row / (amounts.length * 5_000)) % 30) * dayMs;
  const rate = 3_000_000_000n + BigInt(traffic % 40) * 250_000_000n;
  const tokens = 1_000 + ((row * 7_919) % 90_000_000);
  const cost = BigInt(tokens) * rate * 1_000_000n;
  return {
    kind: 'tokens',
    period: { start: day, end: day + dayMs },
    of: {
      cloud: traffic % 2 === 0 ? 'aws' : 'azure',
      account: String(100_000_000_000 + (traffic % 97)),
      region: `region-${traffic % 11}`,
      resource: `account-${traffic % 97}`,
      endpoint: 'runtime',
      model: `vendor/model-${traffic % 60}`,
      modelVersion: '20260217',
      vendorModel: `vendor.model-${traffic % 60}-v1:0`,
      deployment: `deployment-${traffic}`,
      routing: 'global',
      tier: 'standard',
      family: '',
      tags: { team: `team-${traffic % 40}`, 'cost center': String(traffic % 500) },
    },
    team: `team-${traffic % 40}`,
    settled: 1,
    invoice: 'final',
    low: cost,
    high: cost + BigInt(traffic % 3),
    amount: amounts[row % amounts.length] ?? 'input',
    tokens,
    rate,
    listRate: rate,
    perToken: true,
  };
}

async function* source(): AsyncGenerator<ChargePage, void> {
  for (let row = 0; row < rows; row += rowsOfPage) {
    const length = Math.min(rowsOfPage, rows - row);
    const charges = Array.from({ length }, (_, place) => chargeOf(row + place));
    yield { charges, unpricedTokens: 0, unpricedUnitHours: 0, until: november };
  }
}

/** The most memory this program ever had at once, as Linux counts it; elsewhere what is known of the process. */
function peakRss(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) * 1_024;
  } catch {
    // No such file: not Linux.
  }
  return process.resourceUsage().maxRSS * 1_024;
}

const format = focusFormatOf(path);
if (format === undefined) throw new Error(`no kind of file: ${path}`);
const from = performance.now();
const file = await open(path, 'w');
for await (const chunk of focusBytes(source(), { version: '1.2', format, createdBy: 'bench' })) {
  await file.writeFile(chunk);
}
const { size } = await file.stat();
await file.close();
const seconds = (performance.now() - from) / 1_000;
const peakRssMb = peakRss() / 1e6;
process.stdout.write(JSON.stringify({ seconds, bytes: size, peakRssMb }));
