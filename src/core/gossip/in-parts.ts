/** Cuts a list of deltas so that each part's bytes fit; a part holds at least one. */
export function inParts(deltas: readonly Uint8Array[], bytesMax: number): Uint8Array[][] {
  const parts: Uint8Array[][] = [];
  let part: Uint8Array[] = [];
  let bytes = 0;
  for (const delta of deltas) {
    if (part.length > 0 && bytes + delta.length > bytesMax) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(delta);
    bytes += delta.length;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
