import type { BoardJson, InfinityTarget } from '../../../test/dashboards/grafana/board-schema.ts';
import type { Frame, Viewer } from '../../../test/dashboards/grafana/infinity-emulator.ts';

/** What the page is asked to draw. */
export interface Given {
  readonly board: BoardJson;
  readonly dark: boolean;
  /** What a viewer chose of the variables whose first value is not what shows most. */
  readonly chosen: Readonly<Record<string, string>>;
}

declare global {
  interface Window {
    /** The same as the Infinity data source asks, from outside of the page. */
    readonly ask: (target: InfinityTarget, viewer: Viewer) => Promise<Frame>;
    /** Draws a board, and is done when every panel has its rows. */
    draw: (given: Given) => Promise<void>;
  }
}
