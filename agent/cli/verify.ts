import type { Config } from '../config/schema.ts';
import type { Collector } from '../core/collector.ts';
import { toExternalError } from '../core/errors.ts';
import type { ExternalError } from '../core/errors.ts';
import type { LedgerReader } from '../core/store.ts';
import type { Clock, Window } from '../core/time.ts';
import { normalize } from '../normalize/normalize.ts';
import { backoffMs } from '../core/backoff.ts';
import { createSlots } from '../schedule/slots.ts';
import { demoCredentials, isDemoLedger } from './demo-config.ts';
import type { Platform } from './platform.ts';
import { startProgress } from './progress.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { compareReadings } from './verify-compare.ts';
import type { DifferentHour, Verified } from './verify-found.ts';
import { verifyCsv, verifyJson, verifyText } from './verify-output.ts';
import { countHours, sampleHours, seededRandom, settledHours } from './verify-sample.ts';
import type { SampledHour, SettledHours } from './verify-sample.ts';
import { parseWhen } from './when.ts';
import { WrongUseError } from './wrong-use.ts';

export interface VerifyOptions {
  readonly sample: number;
  readonly from?: string;
  readonly to?: string;
  readonly seed?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Tries of one window, where trying again can help. */
const triesAtMost = 3;
const windowsAtOnce = 4;

/**
 * `crossbill verify`: fetches random settled hours again and compares them with the ledger, beside a running agent. It
 * changes nothing. Resolves to 1 where anything differs or could not be fetched.
 */
export async function verifyVerb(
  platform: Platform,
  configPath: string,
  options: VerifyOptions,
): Promise<number> {
  if (options.json === true && options.csv === true) {
    throw new WrongUseError('--json and --csv exclude each other; choose one');
  }
  const { config } = readConfig(platform, configPath);
  const clock = platform.createClock();
  const within = spanOf(options, clock);
  const seed = options.seed ?? Math.floor(platform.random() * 2 ** 32);
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  const collectors = new Map<string, Collector>();
  try {
    await openCollectors(platform, config, clock, collectors);
    const settled = await settledOf(reader, collectors, within, clock);
    const sampled = sampleHours(settled, options.sample, seededRandom(seed));
    const found = await fetchAgain(platform, clock, reader, collectors, sampled);
    const verified: Verified = { seed, settled: countHours(settled), sampled, ...found };
    return tell(platform, verified, options, isDemoLedger(config.ledger.path));
  } finally {
    await Promise.allSettled([...collectors.values()].map((collector) => collector.close()));
    reader.close();
  }
}

function spanOf({ from, to }: VerifyOptions, clock: Clock): Window {
  const now = clock.now();
  const span = {
    start: from === undefined ? 0 : parseWhen(from, now, '--from'),
    end: to === undefined ? now : parseWhen(to, now, '--to'),
  };
  if (span.start < span.end) return span;
  throw new WrongUseError('--from must lie before --to');
}

async function openCollectors(
  platform: Platform,
  config: Config,
  clock: Clock,
  into: Map<string, Collector>,
): Promise<void> {
  const builtIn = isDemoLedger(config.ledger.path) ? demoCredentials : undefined;
  for (const source of config.sources) {
    into.set(source.name, await platform.createCollector(source, clock, builtIn));
  }
}

/** Of every target that is polled and whose source is configured. */
async function settledOf(
  reader: LedgerReader,
  collectors: ReadonlyMap<string, Collector>,
  within: Window,
  clock: Clock,
): Promise<readonly SettledHours[]> {
  const now = clock.now();
  const settled: SettledHours[] = [];
  for (const target of await reader.targets()) {
    if (!collectors.has(target.source)) continue;
    const coverage = await reader.coverageOf(target.id);
    for (const hours of settledHours(target, coverage, within, now)) settled.push(hours);
  }
  return settled;
}

async function fetchAgain(
  platform: Platform,
  clock: Clock,
  reader: LedgerReader,
  collectors: ReadonlyMap<string, Collector>,
  sampled: readonly SampledHour[],
): Promise<Omit<Verified, 'seed' | 'settled' | 'sampled'>> {
  const { signal } = platform;
  const differences: DifferentHour[] = [];
  const failed = new Map<string, { windows: number; error: ExternalError }>();
  const sums = { fetched: 0, silent: 0, values: 0, calls: 0, costNanoUsd: 0n };
  let done = 0;
  const progress = startProgress(platform.err, sampled.length, 'verify');

  async function verifyOne(hour: SampledHour): Promise<void> {
    const { target, unit, window, periodSeconds } = hour;
    const collector = collectors.get(target.source);
    const known = failed.get(target.id);
    if (collector === undefined || signal.aborted) return;
    // Who may not read one window may read no other of the target.
    if (known !== undefined && !known.error.retryable) {
      known.windows += 1;
      return;
    }
    const request = { target, units: [unit], window, periodSeconds };
    for (let tries = 1; ; tries += 1) {
      const { calls, costNanoUsd } = collector.price(request);
      sums.calls += calls;
      sums.costNanoUsd += costNanoUsd;
      try {
        const samples = await collector.collect(request, signal);
        const { readings } = normalize(request, samples);
        const stored = await reader.readings(target.id, unit.key, window, periodSeconds);
        const compared = compareReadings(stored, readings, periodSeconds);
        sums.fetched += 1;
        sums.values += compared.values;
        if (compared.values === 0) sums.silent += 1;
        for (const difference of compared.differences) differences.push({ ...hour, ...difference });
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toExternalError(thrown, 'verify');
        if (!error.retryable || tries === triesAtMost) {
          failed.set(target.id, { windows: (failed.get(target.id)?.windows ?? 0) + 1, error });
          return;
        }
        await clock.sleep(backoffMs(error, tries, platform.random()), signal);
        if (signal.aborted) return;
      }
    }
  }

  const slots = createSlots(windowsAtOnce);
  try {
    await Promise.all(
      sampled.map((hour) =>
        slots.run(hour.window.start, async () => {
          await verifyOne(hour);
          done += 1;
          progress.update(done);
        }),
      ),
    );
  } finally {
    progress.stop();
  }
  const failures = Array.from(failed, ([target, one]) => ({ target, ...one }));
  return { ...sums, differences: differences.toSorted(byPlaceAndTime), failures };
}

function byPlaceAndTime(a: DifferentHour, b: DifferentHour): number {
  return (
    a.target.id.localeCompare(b.target.id) ||
    a.unit.key.localeCompare(b.unit.key) ||
    a.start - b.start
  );
}

function tell(
  platform: Platform,
  verified: Verified,
  options: VerifyOptions,
  demo: boolean,
): number {
  const { out, err, signal } = platform;
  const { differences, failures, fetched, sampled } = verified;
  if (options.json === true) out.write(verifyJson(verified));
  else if (options.csv === true) out.write(verifyCsv(verified));
  const width = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
  const { found, failed } = verifyText(verified, demo, width);
  if (options.json !== true && options.csv !== true) out.write(found);
  err.write(failed);
  if (signal.aborted) {
    err.write(`stopped after ${fetched} of ${sampled.length} windows; nothing was changed\n`);
  }
  return differences.length > 0 || failures.length > 0 || signal.aborted ? 1 : 0;
}
