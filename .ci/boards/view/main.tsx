import { createTheme, EventBusSrv, ThemeContext } from '@grafana/data';
import { GlobalStyles, PanelContextProvider } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { viewOf } from './answers.ts';
import { Board } from './board.tsx';
import type { Given } from './given.ts';
import { startGrafana } from './grafana.ts';

const context = {
  eventsScope: 'global',
  eventBus: new EventBusSrv(),
};

window.draw = async ({ board, dark, chosen }: Given) => {
  await startGrafana();
  const theme = createTheme({ colors: { mode: dark ? 'dark' : 'light' } });
  const view = await viewOf(board, chosen);
  const left = new Set(board.panels.flatMap(({ id, type }) => (type === 'row' ? [] : [id])));
  await new Promise<void>((resolve) => {
    const shown = (id: number) => {
      left.delete(id);
      if (left.size === 0) resolve();
    };
    createRoot(document.body.appendChild(document.createElement('div'))).render(
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <PanelContextProvider value={context}>
          <Board board={board} view={view} width={window.innerWidth} onShown={shown} />
        </PanelContextProvider>
      </ThemeContext.Provider>,
    );
  });
};
