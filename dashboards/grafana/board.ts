import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { moment, words } from './columns.ts';
import { infinity, infinitySource } from './infinity.ts';
import type { Unplaced } from './panels.ts';

/** Panels side by side under a heading. Widths of a line add up to 24. */
export interface Section {
  readonly title: string;
  readonly lines: readonly {
    readonly height: number;
    readonly panels: readonly (readonly [panel: Unplaced, width: number])[];
  }[];
}

export interface Board {
  /** Also the name of its file, and what links say; never changes. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Where it starts when it is opened, as Grafana writes it: `now/M`; at a whole hour or day, so that no first bar is cut. */
  readonly from: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly sections: readonly Section[];
  /** Whether alerts are marked in its graphs. */
  readonly alerts: boolean;
}

/** The tag by which the boards find each other. */
const tag = 'crossbill';

/** A board as Grafana's classic JSON, which every Grafana from 11.6 on loads from files. */
export function dashboardOf(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([tag])
    .timezone('utc')
    .time({ from: board.from, to: 'now' })
    .refresh('5m')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables([...board.variables])
    .links([
      new DashboardLinkBuilder('Crossbill')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .keepTime(true)
        .includeVars(true),
    ])
    .annotations(board.alerts ? [alertMarks()] : []);
  place(builder, board.sections);
  return inTheOpen(builder.build());
}

/** Gives every panel an id and a place: the SDK gives none, and its own layout runs over the edge. */
function place(builder: DashboardBuilder, sections: readonly Section[]): void {
  let id = 0;
  let y = 0;
  for (const { title, lines } of sections) {
    builder.withRow(new RowBuilder(title).id((id += 1)).gridPos({ x: 0, y, w: 24, h: 1 }));
    y += 1;
    for (const { height, panels } of lines) {
      let x = 0;
      for (const [panel, width] of panels) {
        builder.withPanel(panel.id((id += 1)).gridPos({ x, y, w: width, h: height }));
        x += width;
      }
      y += height;
    }
  }
}

/** Alerts where they fired, over as long as they did. */
function alertMarks() {
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(infinitySource)
    .enable(true)
    .iconColor('red')
    .target(
      infinity({
        path: '/api/v1/alerts',
        params: { state: 'firing,resolved,corrected' },
        format: 'dataframe',
        columns: [
          moment('fired_at', 'time'),
          moment('ended_at', 'timeEnd'),
          words('name', 'title'),
          words('summary', 'text'),
          words('severity', 'tags'),
        ],
      }),
    );
}

/** The SDK puts links and annotations away into a menu unless that is taken back. */
function inTheOpen(dashboard: Dashboard): Dashboard {
  const { links = [], annotations } = dashboard;
  return {
    ...dashboard,
    links: links.map(({ placement: _menu, ...link }) => link),
    annotations: {
      ...annotations,
      list: (annotations.list ?? []).map(({ placement: _menu, ...one }) => one),
    },
  };
}
