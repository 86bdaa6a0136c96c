import type { Chart } from './chart.ts';

const charts = new Map<Element, { readonly chart: Chart; data: string }>();

/** Makes every chart of the page one that answers the pointer, and brings those that are up to date. */
export async function enhanceCharts(): Promise<void> {
  for (const [element, { chart }] of charts) {
    if (element.isConnected) continue;
    chart.destroy();
    charts.delete(element);
  }
  const elements = [...document.querySelectorAll<HTMLElement>('[data-chart]')];
  if (elements.length === 0) return;
  const { drawChart } = await import('./chart.ts');
  for (const element of elements) {
    const data = element.dataset['chart'] ?? '';
    const known = charts.get(element);
    if (known?.data === data) {
      // The server's classes were put back.
      element.classList.add('enhanced');
      continue;
    }
    known?.chart.destroy();
    charts.set(element, { chart: drawChart(element, JSON.parse(data)), data });
  }
}
