import type { Labels } from '../../../agent/core/cloud.ts';

const lengths = [1, 4, 24, 72, 168] as const;

export function AcknowledgeForm(props: {
  readonly fingerprint: string;
  readonly user: string | undefined;
}) {
  return (
    <form method="post" action="/alerts/ack">
      <input type="hidden" name="fingerprint" value={props.fingerprint} />
      <By user={props.user} />
      <label>
        Note
        <input name="note" maxlength={500} placeholder="what is known" />
      </label>
      <button type="submit">Take it on</button>
    </form>
  );
}

/** Keeps what has exactly these labels quiet. */
export function SilenceForm(props: { readonly labels: Labels; readonly user: string | undefined }) {
  return (
    <form method="post" action="/alerts/silence">
      {Object.entries(props.labels).map(([name, value]) => (
        <input type="hidden" name="label" value={`${name}=${value}`} />
      ))}
      <By user={props.user} />
      <label>
        For
        <select name="hours">
          {lengths.map((hours) => (
            <option value={String(hours)} selected={hours === 4}>
              {hours < 24 ? `${hours} h` : `${hours / 24} d`}
            </option>
          ))}
        </select>
      </label>
      <label>
        Why
        <input name="comment" maxlength={500} />
      </label>
      <button type="submit">Keep it quiet</button>
    </form>
  );
}

export function EndForm({ id }: { readonly id: string }) {
  return (
    <form method="post" action="/alerts/unsilence">
      <input type="hidden" name="id" value={id} />
      <button type="submit">End it now</button>
    </form>
  );
}

/** Sends a message again that did not arrive. */
export function RetryForm({ id, to }: { readonly id: string; readonly to: string }) {
  return (
    <form method="post" action="/alerts/retry">
      <input type="hidden" name="id" value={id} />
      <button type="submit" aria-label={`Send to ${to} again`}>
        Send again
      </button>
    </form>
  );
}

function By({ user }: { readonly user: string | undefined }) {
  if (user !== undefined) return <input type="hidden" name="by" value={user} />;
  return (
    <label>
      Your name
      <input name="by" required maxlength={100} autocomplete="name" />
    </label>
  );
}
