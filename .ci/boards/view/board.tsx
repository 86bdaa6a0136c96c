import { Icon, PanelChrome, useTheme2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import type { CSSProperties } from 'react';
import type { BoardJson, BoardPanel } from '../../../test/dashboards/grafana/board-schema.ts';
import { answerOf } from './answers.ts';
import type { Answer, View } from './answers.ts';
import { Content } from './kinds.tsx';

/** Grafana's grid: 24 columns, rows of 30 pixels, 8 pixels between; one column on narrow screens. */
const cell = 30;
const gap = 8;
const narrowBelow = 769;

interface Props {
  readonly board: BoardJson;
  readonly view: View;
  /** In pixels. */
  readonly width: number;
  /** Called with the id of each panel that shows what it has. */
  readonly onShown: (id: number) => void;
}

export function Board({ board, view, width, onShown }: Props) {
  const theme = useTheme2();
  const inner = width - 2 * theme.spacing.gridSize * 2;
  const narrow = width < narrowBelow;
  const size = (inner + gap) / 24;
  const place = ({ x, y, w, h }: BoardPanel['gridPos']): Box => ({
    left: narrow ? 0 : x * size,
    top: y * (cell + gap),
    width: narrow ? inner : w * size - gap,
    height: h * (cell + gap) - gap,
  });
  const boxes = board.panels.map(({ gridPos }) => place(gridPos));
  const lowest = Math.max(...boxes.map(({ top, height }) => top + height));
  return (
    <div style={{ padding: 16, background: theme.colors.background?.canvas, width }}>
      <Heading board={board} view={view} />
      <div style={narrow ? {} : { position: 'relative', height: lowest }}>
        {board.panels.map((panel, index) => {
          const box = boxes[index];
          if (box === undefined) return null;
          const style: CSSProperties = narrow
            ? { position: 'relative', height: box.height, marginBottom: gap }
            : { position: 'absolute', ...box };
          return (
            <div key={panel.id} style={style}>
              {panel.type === 'row' ? (
                <Row title={panel.title} />
              ) : (
                <Drawn panel={panel} view={view} box={box} onShown={onShown} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function Heading({ board, view }: Pick<Props, 'board' | 'view'>) {
  const theme = useTheme2();
  const box: CSSProperties = {
    border: `1px solid ${theme.colors.border?.medium}`,
    background: theme.colors.background?.primary,
    borderRadius: 2,
    padding: '3px 8px',
    fontSize: 12,
  };
  const shown = board.templating.list.map(({ name, label }) => {
    const value = view.variables[name]?.join(', ') ?? '';
    return { label, value: value === '*' ? 'All' : value };
  });
  const line: CSSProperties = { display: 'flex', flexWrap: 'wrap', gap: 8, marginBottom: 8 };
  return (
    <>
      <div style={{ ...line, alignItems: 'baseline' }}>
        <h4 style={{ margin: 0 }}>{board.title}</h4>
        <span style={{ flex: 1 }} />
        <span style={box}>
          <Icon name="clock-nine" size="sm" /> {board.time.from} to {board.time.to}{' '}
          <span style={{ color: theme.colors.text?.secondary }}>UTC</span>
        </span>
      </div>
      <div style={line}>
        {shown.map(({ label, value }) => (
          <span key={label} style={box}>
            <span style={{ color: theme.colors.text?.secondary }}>{label}</span> {value}
          </span>
        ))}
      </div>
    </>
  );
}

const cut = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;

function Row({ title }: { readonly title: string }) {
  return (
    <div style={{ height: cell, display: 'flex', alignItems: 'center', gap: 8, fontWeight: 500 }}>
      <Icon name="angle-down" />
      <span style={{ fontSize: 18, ...cut }}>{title}</span>
    </div>
  );
}

interface DrawnProps {
  readonly panel: BoardPanel;
  readonly view: View;
  readonly box: Box;
  readonly onShown: (id: number) => void;
}

function Drawn({ panel, view, box, onShown }: DrawnProps) {
  const theme = useTheme2();
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    void answerOf(panel, view, box.width, theme).then(setAnswer);
  }, [panel, view, box.width, theme]);
  useEffect(() => {
    if (answer !== undefined) onShown(panel.id);
  }, [answer, onShown, panel.id]);
  const asked = panel.targets[0];
  return (
    <PanelChrome
      title={panel.title}
      description={panel.description}
      width={box.width}
      height={box.height}
      padding={panel.type === 'table' ? 'none' : 'md'}
      {...(answer?.trouble === undefined ? {} : { statusMessage: answer.trouble })}
    >
      {(width, height) => {
        if (answer === undefined || asked === undefined) return null;
        if ('expr' in asked) return <code style={{ fontSize: 11 }}>{asked.expr}</code>;
        const { frames } = answer;
        return (
          <Content panel={panel} frames={frames} range={view.range} width={width} height={height} />
        );
      }}
    </PanelChrome>
  );
}
