import type {
  Calibration,
  CalibrationReader,
  CalibrationWriter,
  LearntShares,
} from '../../agent/core/calibration.ts';
import type { Cloud } from '../../agent/core/cloud.ts';
import { dataFrom, dataText } from './data-text.ts';
import type { Db } from './database.ts';

interface CalibrationRecord {
  readonly cloud: Cloud;
  readonly account: string;
  readonly model: string;
  readonly from_at: number;
  readonly learnt_start: number;
  readonly learnt_end: number;
  readonly days: number;
  readonly learnt_at: number;
  readonly shares: string;
}

/** What bills taught, its history included: what held once is what costs of that time were made with. */
export function openCalibrations(db: Db): CalibrationReader & CalibrationWriter {
  const all = db.prepare<[], CalibrationRecord>(
    'SELECT * FROM calibration ORDER BY cloud, account, model, from_at',
  );
  const keep = db.prepare(
    `INSERT OR REPLACE INTO calibration VALUES
       (@cloud, @account, @model, @from, @start, @end, @days, @learntAt, @shares)`,
  );
  return {
    calibrations: () => Promise.resolve(all.all().map(calibrationFrom)),
    keepCalibrations(learnt) {
      for (const { learntFrom, unsplit, positions, longPpm, ...rest } of learnt) {
        const shares = dataText({ unsplit, positions, longPpm });
        keep.run({ ...rest, ...learntFrom, shares });
      }
    },
  };
}

function calibrationFrom(row: CalibrationRecord): Calibration {
  const { cloud, account, model, days } = row;
  return {
    cloud,
    account,
    model,
    ...(dataFrom(row.shares) as LearntShares),
    from: row.from_at,
    learntFrom: { start: row.learnt_start, end: row.learnt_end },
    days,
    learntAt: row.learnt_at,
  };
}
