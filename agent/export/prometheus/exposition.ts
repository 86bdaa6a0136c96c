import type { Labels } from '../../core/cloud.ts';

/** One line: a number, or one that is written out already because a float would not hold it. */
export interface PromSample {
  readonly labels: Labels;
  /** Further labels, beside those that many samples share. */
  readonly more?: Labels;
  readonly value: number | string;
}

export interface PromFamily {
  readonly name: string;
  /** A sentence. */
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** No two with the same labels. */
  readonly samples: readonly PromSample[];
}

/** What `renderExposition` makes, for the answer's header. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Families as Prometheus' text format, in the order they come in; one without samples is left out. No timestamps: a sample is
 * what holds when it is asked for. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function renderExposition(families: readonly PromFamily[]): string {
  const textOf = labelTexts();
  return families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => renderFamily(family, textOf))
    .join('');
}

type LabelText = (labels: Labels) => string;

function renderFamily({ name, help, type, samples }: PromFamily, textOf: LabelText): string {
  const lines = samples.map(({ labels, more = none, value }) => {
    const pairs = [textOf(labels), textOf(more)].filter((text) => text !== '').join(',');
    return `${name}${pairs === '' ? '' : `{${pairs}}`} ${value}`;
  });
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

const none: Labels = {};

/** Labels that many samples share are written once. */
function labelTexts(): LabelText {
  const known = new Map<Labels, string>();
  return (labels) => {
    let text = known.get(labels);
    if (text === undefined) {
      const pairs = Object.entries(labels);
      text = pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(',');
      known.set(labels, text);
    }
    return text;
  };
}

/** Half a character is none, and would not survive the way. */
function escapeHelp(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
