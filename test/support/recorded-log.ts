import type { Log } from '../../agent/core/log.ts';

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RecordedLog extends Log {
  readonly lines: readonly LogLine[];
  /** Resolves when so many lines were written. */
  written(count: number): Promise<void>;
}

/** A log that keeps its lines. */
export function recordedLog(): RecordedLog {
  const lines: LogLine[] = [];
  const waiting: { readonly count: number; readonly go: () => void }[] = [];
  const at =
    (level: LogLine['level']): Log['info'] =>
    (message, fields = {}) => {
      lines.push({ level, message, fields });
      for (const { count, go } of waiting) if (lines.length >= count) go();
    };
  return {
    lines,
    written: (count) =>
      new Promise((go) => {
        if (lines.length >= count) go();
        else waiting.push({ count, go });
      }),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
