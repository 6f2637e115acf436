/**
 * The one mapping between YAML keys and program fields: `interval_ms` is `intervalMs`.
 *
 * It is mechanical, in types and at run time alike, so there is no table to keep. Only keys of the
 * schema pass through here; names chosen by users (regions, zones) are values by then.
 */

/** `interval_ms` as `intervalMs`, in types. */
type CamelKey<K> = K extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : K;

/** Every key of every object in camelCase, in types. */
export type CamelCased<T> = T extends readonly (infer Item)[]
  ? CamelCased<Item>[]
  : T extends object
    ? { [K in keyof T as CamelKey<K>]: CamelCased<T[K]> }
    : T;

/** A copy with every key in camelCase, deep-frozen. */
export function camelCased<T>(value: T): CamelCased<T> {
  return convert(value) as CamelCased<T>;
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(convert));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [camelKey(key), convert(inner)]);
  return Object.freeze(Object.fromEntries(entries));
}

/** `interval_ms` as `intervalMs`. */
export function camelKey(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
