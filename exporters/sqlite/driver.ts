import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';

/** The Node-API version that better-sqlite3 13 is built on: Node 22.14 and newer have it. */
const napiNeeded = 10;

/**
 * better-sqlite3, the line of it that this Node can run. Version 12 aborts the process on recent Node 24 when a
 * statement is garbage-collected outside a JavaScript call, and version 13 crashes on Node 20, so both are installed
 * where Node allows and one is loaded.
 * https://github.com/WiseLibs/better-sqlite3/issues/1514 https://github.com/WiseLibs/better-sqlite3/issues/1515
 */
export const Driver: typeof Database = load();

function load(): typeof Database {
  const require = createRequire(import.meta.url);
  if (Number(process.versions['napi']) < napiNeeded) return require('better-sqlite3');
  try {
    return require('better-sqlite3-napi');
  } catch {
    // An optional package may be left out on purpose; the other line runs here too, if less well.
    return require('better-sqlite3');
  }
}
