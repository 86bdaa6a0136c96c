import type { Platform } from './platform.ts';
import { readConfig } from './settings.ts';

/** `crossbill backup FILE`: a checked copy of the ledger, beside a running agent. */
export async function backupVerb(
  platform: Platform,
  configPath: string,
  file: string,
  options: { readonly force: boolean },
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const { bytes } = await platform.backupLedger(config.ledger.path, file, options);
  platform.out.write(`${file}: ${sizeText(bytes)}, checked\n`);
  return 0;
}

/** `crossbill restore FILE`: a checked backup takes the ledger's place. */
export async function restoreVerb(
  platform: Platform,
  configPath: string,
  file: string,
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const { bytes, aside } = await platform.restoreLedger(config.ledger.path, file, now);
  platform.out.write(`${config.ledger.path}: restored from ${file}, ${sizeText(bytes)}, checked\n`);
  if (aside !== undefined) platform.out.write(`${aside}: the ledger that was there before\n`);
  return 0;
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, as disks are sold: `4.2 MB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
