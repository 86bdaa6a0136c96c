import { dayMs, floorTo } from '../core/time.ts';
import type { Clock, Instant, Window } from '../core/time.ts';
import type { CalibrationWriter } from '../core/calibration.ts';
import { learnCalibrations, learningDays } from '../reconcile/calibrate.ts';
import type { Learning } from '../upkeep/calibration-loop.ts';
import { auditInput } from './audit-facts.ts';
import type { AuditReader, AuditSettings } from './audit-facts.ts';
import type { OwnPrices } from './price-changes.ts';
import { rateAnew } from './price-upkeep.ts';
import type { RatedLedger } from './price-upkeep.ts';

type LearningLedger = AuditReader & RatedLedger & CalibrationWriter;

/** Learns from the final bills in the ledger as of now; what is learnt a second time changes nothing. */
export async function learnFromBills(
  ledger: LearningLedger,
  settings: AuditSettings,
  own: OwnPrices,
  clock: Clock,
): Promise<Learning> {
  const known = await ledger.calibrations();
  const input = await auditInput(ledger, settings, learningWindow(clock.now()));
  const learnt = learnCalibrations(input, known, clock.now());
  if (learnt.length > 0) ledger.keepCalibrations(learnt);
  // Also where nothing is new: a run may have been cut short after keeping it. Rating twice changes nothing.
  return { learnt, rated: await rateAnew(ledger, own, clock) };
}

function learningWindow(now: Instant): Window {
  const end = floorTo(now, dayMs);
  return { start: end - learningDays * dayMs, end };
}
