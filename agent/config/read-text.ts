import { readFileSync } from 'node:fs';
import { ConfigError } from './problems.ts';
import { whyUnreadable } from './secrets.ts';

/** The whole text of a file; `ifMissing` is the way out that the message gives where it cannot be read. Throws a ConfigError. */
export function readUtf8(file: string, ifMissing: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const message = `cannot be read: ${whyUnreadable(error)}; ${ifMissing}`;
    throw new ConfigError([{ file, path: '', message }]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ file, path: '', message: 'not UTF-8 text; save it as UTF-8' }]);
  }
}
