/** Temporary: replaced by the generated cells. */
export interface Cells {
  readonly values: Map<string, number>;
}
export function createCells(): Cells {
  return { values: new Map() };
}
