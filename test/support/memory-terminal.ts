import type { Terminal } from '../../agent/cli/platform.ts';

export interface MemoryTerminal extends Terminal {
  /** All that was written. */
  text(): string;
}

/** Keeps what is written. */
export function memoryTerminal(columns: number, isTerminal = true): MemoryTerminal {
  let written = '';
  return {
    isTerminal,
    columns,
    write(text) {
      written += text;
    },
    text: () => written,
  };
}
