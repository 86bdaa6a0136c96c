import { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
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

function bar(terminal: Terminal, total: number, label: string): Progress {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      terminal.write(chunk.toString());
      done();
    },
  });
  const { columns } = terminal;
  const drawn = new SingleBar({
    format: `${label}  {bar}  {percentage} %  {value}/{total}  {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(10, Math.min(40, columns - label.length - 36)),
    stream: Object.assign(stream, { isTTY: true, columns }),
    fps: 5,
    emptyOnZero: false,
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
