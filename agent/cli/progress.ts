import { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { formatDuration } from '../config/durations.ts';
import { shorten } from './format.ts';
import type { Terminal } from './platform.ts';

export interface Progress {
  /** How much of the total is done by now. */
  update(done: number): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a line whenever another tenth is done. */
export function startProgress(terminal: Terminal, total: number, label: string): Progress {
  return terminal.isTerminal ? bar(terminal, total, label) : lines(terminal, total, label);
}

/** Columns beside label, bar and the two counts: gaps and `100 %`, then ` 1h30m left`. */
const besides = 12;
const timeLeftRoom = 14;
const bars = { shortest: 10, longest: 40 } as const;

function bar(terminal: Terminal, total: number, label: string): Progress {
  const { columns } = terminal;
  const counts = 2 * String(total).length + 1;
  const name = shorten(label, Math.max(bars.shortest, columns - counts - besides - bars.shortest));
  const room = columns - name.length - counts - besides;
  const tellsTime = room - timeLeftRoom >= bars.shortest;
  const free = room - (tellsTime ? timeLeftRoom : 0);
  const longest = Math.max(0, Math.min(bars.longest, free));
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // "Remember this place" and "back to it": with log lines in between, "back" is in the middle of them.
      terminal.write(chunk.toString().replaceAll('\u001B7', '').replaceAll('\u001B8', ''));
      done();
    },
  });
  const drawn = new SingleBar({
    format: (_options, { progress, value, eta }) => {
      const share = total === 0 ? 1 : Math.min(1, progress);
      const filled = Math.floor(share * longest);
      const parts = [
        name,
        '█'.repeat(filled) + '░'.repeat(longest - filled),
        `${Math.floor(share * 100)} %`,
        `${value}/${total}`,
      ];
      if (tellsTime && value > 0 && value < total && Number.isFinite(eta) && eta > 0) {
        parts.push(`${formatDuration(Math.ceil(eta))} left`);
      }
      return parts.join('  ');
    },
    stream: Object.assign(stream, { isTTY: true, columns: columns - 1 }),
    fps: 5,
    // A log line may stand where it was, so it is drawn anew; what is too long for the terminal is cut, not wrapped.
    forceRedraw: true,
    linewrap: true,
  });
  drawn.start(total, 0);
  return {
    update: (done) => drawn.update(done),
    stop: () => drawn.stop(),
  };
}

function lines(terminal: Terminal, total: number, label: string): Progress {
  let tenths = 0;
  return {
    update(done) {
      const reached = total === 0 ? 10 : Math.floor((done / total) * 10);
      if (reached <= tenths) return;
      tenths = reached;
      terminal.write(`${label}: ${tenths * 10} % (${done} of ${total})\n`);
    },
    stop() {},
  };
}
