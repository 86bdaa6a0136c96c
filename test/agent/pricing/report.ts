import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A committed page that a test keeps true. */
export interface Report {
  /** As it stands in the tree; empty where it is not there yet. */
  committed(): string;
  write(text: string): void;
}

export function reportAt(url: URL): Report {
  return {
    committed: () => (existsSync(url) ? readFileSync(url, 'utf8') : ''),
    write: (text) => writeFileSync(url, text),
  };
}

export function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Nano-dollars as dollars, shortest; `-` where there are none. */
export function dollars(nanoUsd: bigint | undefined): string {
  if (nanoUsd === undefined) return '-';
  const digits = nanoUsd.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}
