import { expect, test } from 'vitest';
import type { Calibration } from '../../../agent/core/calibration.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { day0 } from '../../support/ledger-world.ts';

const one: Calibration = {
  cloud: 'aws',
  account: '111122223333',
  model: 'openai/gpt-5.6-sol',
  unsplit: { readPpm: 700_000, writePpm: 12 },
  positions: { output: 5 },
  longPpm: 250_000,
  from: day0,
  learntFrom: { start: day0 - 30 * dayMs, end: day0 },
  days: 28,
  learntAt: day0 + dayMs,
};

test('what bills taught comes back as it was kept, oldest first, one for each beginning', async () => {
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(':memory:', interpretation, day0);
  expect(await ledger.calibrations()).toEqual([]);
  const { longPpm: _long, unsplit: _unsplit, ...bare } = one;
  const later: Calibration = { ...bare, positions: {}, from: day0 + dayMs };
  ledger.keepCalibrations([later, one]);
  expect(await ledger.calibrations()).toEqual([one, later]);
  const confirmed: Calibration = { ...one, days: 30 };
  ledger.keepCalibrations([confirmed]);
  expect(await ledger.calibrations()).toEqual([confirmed, later]);
  ledger.close();
});
