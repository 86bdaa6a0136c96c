import { ByteWriter } from 'hyparquet-writer';

/**
 * A value of Thrift's compact protocol, which the end of a Parquet file is written in.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export interface ThriftValue {
  /** What the header of a field, or of a list, says it is. */
  readonly type: number;
  write(to: ByteWriter): void;
}

const typeOf = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

export function i32(value: number): ThriftValue {
  return { type: typeOf.i32, write: (to) => to.appendZigZag(value) };
}

export function i64(value: bigint): ThriftValue {
  return { type: typeOf.i64, write: (to) => to.appendZigZag(value) };
}

export function binary(value: string | Uint8Array): ThriftValue {
  return {
    type: typeOf.binary,
    write(to) {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      to.appendVarInt(bytes.length);
      to.appendBytes(bytes);
    },
  };
}

/** Of one type; an empty one is taken for a list of structs. */
export function list(values: readonly ThriftValue[]): ThriftValue {
  return {
    type: typeOf.list,
    write(to) {
      const type = values[0]?.type ?? typeOf.struct;
      to.appendUint8((Math.min(values.length, 15) << 4) | type);
      if (values.length >= 15) to.appendVarInt(values.length);
      for (const value of values) value.write(to);
    },
  };
}

/** Fields by id, which rises by 15 at most from one to the next; those without a value are left out. */
export function struct(
  fields: readonly (readonly [id: number, value: ThriftValue | undefined])[],
): ThriftValue {
  return {
    type: typeOf.struct,
    write(to) {
      let before = 0;
      for (const [id, value] of fields) {
        if (value === undefined) continue;
        to.appendUint8(((id - before) << 4) | value.type);
        value.write(to);
        before = id;
      }
      to.appendUint8(0);
    },
  };
}

/** A struct that was encoded before. */
export function encodedStruct(bytes: Uint8Array): ThriftValue {
  return { type: typeOf.struct, write: (to) => to.appendBytes(bytes) };
}

export function encode(value: ThriftValue): Uint8Array {
  const to = new ByteWriter();
  value.write(to);
  return to.getBytes().slice();
}
