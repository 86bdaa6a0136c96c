import type { Child, PropsWithChildren } from 'hono/jsx';
import type { Instant } from '../../../agent/core/time.ts';
import type { Told } from '../reader.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

/** A word with the colour of what it means; the word alone tells it too. */
export function Tag({ tone, children }: PropsWithChildren<{ readonly tone: Tone }>) {
  return <span class={`tag ${tone}`}>{children}</span>;
}

/** A number as it is read, and whole with its unit where one looks closer. */
export function Num({ text, whole }: { readonly text: string; readonly whole?: string }) {
  return whole === undefined || whole === text ? (
    <span class="num">{text}</span>
  ) : (
    <span class="num" title={whole}>
      {text}
    </span>
  );
}

/** Where a figure comes from: walked back, and as the API tells it. */
export function Origins(props: {
  readonly of: string;
  readonly explain?: string | undefined;
  readonly api: string;
}) {
  const { of, explain, api } = props;
  return (
    <span class="origins">
      {explain !== undefined && (
        <a href={explain} aria-label={`explain ${of}`}>
          explain
        </a>
      )}
      <a href={api} aria-label={`API call for ${of}`}>
        API
      </a>
    </span>
  );
}

/** One question of the page with its answer. */
export function Section(
  props: PropsWithChildren<{
    readonly id: string;
    readonly title: string;
    /** Of which period, or what else is to be known before the figures. */
    readonly note?: Child;
    readonly api?: string | undefined;
    readonly class?: string;
  }>,
) {
  const { id, title, note, api, children } = props;
  return (
    <section id={id} class={`panel ${props.class ?? ''}`} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && <p class="note">{note}</p>}
        {api !== undefined && <Origins of={title} api={api} />}
      </header>
      {children}
    </section>
  );
}

/** What an answer holds, or in its place why there is none. */
export function Answered<T>(props: { readonly told: Told<T>; readonly show: (value: T) => Child }) {
  const { told, show } = props;
  return told.ok ? <>{show(told.value)}</> : <Problem why={told.why} />;
}

export function Problem({ why }: { readonly why: string }) {
  return (
    <p class="problem">
      <strong>Not shown:</strong> {why}
    </p>
  );
}

/** Where nothing is to be shown: that nothing was read yet, or what there is none of. */
export function Nothing({
  newest,
  says,
}: {
  readonly newest: Instant | null;
  readonly says: string;
}) {
  return (
    <p class="quiet">{newest === null ? 'Nothing of this period has been read yet.' : says}</p>
  );
}

/** Nothing is there, and what to do so that something is. */
export function Empty({ children }: PropsWithChildren) {
  return <div class="empty">{children}</div>;
}

/** A table that scrolls by itself where it is wider than the page, by keyboard too. */
export function Table(
  props: PropsWithChildren<{
    readonly caption: string;
    /** For eyes that see the heading already. */
    readonly hidden?: boolean;
    readonly class?: string;
  }>,
) {
  const { caption, hidden, children } = props;
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={caption}>
      <table class={props.class ?? ''}>
        <caption class={hidden === false ? '' : 'unseen'}>{caption}</caption>
        {children}
      </table>
    </div>
  );
}

/** Of what has no value in a dimension. */
function NoName() {
  const says =
    'The cloud or crossbill.yaml names none. Filters choose by name, so this cannot be shown alone; it is in every total.';
  return (
    <span class="quiet" title={says}>
      (none)
    </span>
  );
}

/** A name that is cut where there is no room, with all of it in its title. */
export function Name(props: {
  readonly text: string;
  readonly href?: string | undefined;
  readonly says?: string;
}) {
  const { text, href, says } = props;
  if (text === '') return <NoName />;
  if (href === undefined) {
    return (
      <span class="name" title={text}>
        {text}
      </span>
    );
  }
  return (
    <a class="name" href={href} title={says === undefined ? text : `${text}: ${says}`}>
      {text}
    </a>
  );
}
