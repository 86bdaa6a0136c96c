import type { ExplainedReading } from '../explanation.ts';
import { moment } from '../format.ts';
import { Table } from './parts.tsx';

const roles: Readonly<Record<ExplainedReading['role'], string>> = {
  counted: 'counted',
  elsewhere: 'counted in another figure',
  told_apart: 'not counted: finer series tell it apart',
  repeated: 'not counted: another meter says the same',
  silent: 'silent',
};

export function ReadingsTable({ readings }: { readonly readings: readonly ExplainedReading[] }) {
  const said = readings.filter(({ role }) => role !== 'silent');
  const silent = readings.length - said.length;
  if (said.length === 0)
    return <p class="quiet">The readings are given up; what they made is kept.</p>;
  return (
    <>
      <Table caption="Readings behind the figure">
        <thead>
          <tr>
            <th scope="col">reading</th>
            <th scope="col">metric</th>
            <th scope="col">dimensions</th>
            <th scope="col" class="right">
              value
            </th>
            <th scope="col">is</th>
            <th scope="col">last read, UTC</th>
          </tr>
        </thead>
        <tbody>
          {said.map((one) => (
            <tr>
              <th scope="row">{one.id}</th>
              <td>
                {one.namespace} <strong>{one.metric}</strong>
              </td>
              <td>
                <span class="name" title={dimensions(one)}>
                  {dimensions(one)}
                </span>
              </td>
              <td class="right num">{valueOf(one)}</td>
              <td>{roles[one.role]}</td>
              <td>
                {one.read === null
                  ? 'not at this period'
                  : moment(Date.parse(one.read.last_read_at))}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {silent > 0 && (
        <p class="quiet small">{`${silent} more meters were read and said nothing.`}</p>
      )}
    </>
  );
}

function dimensions({ dimensions: pairs }: ExplainedReading): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function valueOf({ points }: ExplainedReading): string {
  const [only] = points;
  if (only === undefined) return '–';
  if (points.length > 1) {
    const sum = points.reduce((all, { values }) => all + (values['sum'] ?? 0), 0);
    return `sum ${number(sum)} in ${points.length} points`;
  }
  return Object.entries(only.values)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
