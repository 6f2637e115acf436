/**
 * YAML text to plain data plus the place of every value.
 *
 * Only the plain part of YAML 1.2 is taken: mappings with string keys, lists and core scalars.
 * Anchors, aliases, merge keys, tags, directives and duplicate keys are refused, so that a file
 * means what its lines say and no few bytes can unfold into many. Size and depth are bounded.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";
import { MeshError } from "../errors.ts";
import { type ConfigProblem, formatGot, formatPath, type KeyPath } from "./problem.ts";

/** Largest topology file in bytes; the largest of the four examples has 1.2 KB. */
export const TOPOLOGY_FILE_BYTES_MAX = 64 * 1024;

/** Deepest nesting of mappings and lists; the formats need 4. */
const TOPOLOGY_DEPTH_MAX = 16;

/** Most syntax faults listed: after the first few, the parser guesses. */
const SYNTAX_FAULTS_MAX = 10;

/** 1-based place in the text. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Parsed YAML: data (mappings have no prototype), refused constructs, and where things stand. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** Place of the value at `path`, or of its nearest ancestor that exists. */
  placeOf(path: KeyPath): Place | undefined;
}

/**
 * Parses one YAML document.
 * @throws MeshError MESH_CONFIG_FILE when the text is too large or is not YAML.
 */
export function readYaml(text: string, file: string): YamlSource {
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > TOPOLOGY_FILE_BYTES_MAX) {
    throw new MeshError(
      "MESH_CONFIG_FILE",
      `${file}: expected at most ${TOPOLOGY_FILE_BYTES_MAX} bytes, got ${bytes}`,
      { details: { file, bytes, bytesMax: TOPOLOGY_FILE_BYTES_MAX } },
    );
  }
  const lines = new LineCounter();
  const document = parseOrThrow(text, file, lines);
  const walk: Walk = { lines, problems: [], offsets: new Map() };
  const { yaml, tags } = document.directives ?? {};
  if (yaml?.explicit === true || Object.keys(tags ?? {}).some((handle) => handle !== "!!")) {
    refuse(walk, [], "no % directives", "a directive", undefined);
  }
  const value = readNode(walk, document.contents, []);
  return {
    value,
    problems: walk.problems,
    placeOf(path) {
      for (let length = path.length; length >= 0; length -= 1) {
        const place = placeAt(lines, walk.offsets.get(formatPath(path.slice(0, length))));
        if (place !== undefined) return place;
      }
      return undefined;
    },
  };
}

interface Walk {
  readonly lines: LineCounter;
  readonly problems: ConfigProblem[];
  readonly offsets: Map<string, number>;
}

interface NodeLike {
  readonly range?: readonly [number, number, number] | null | undefined;
  readonly anchor?: string | undefined;
  readonly tag?: string | undefined;
}

function parseOrThrow(text: string, file: string, lineCounter: LineCounter) {
  try {
    const document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      merge: false,
      strict: true,
      uniqueKeys: false, // found in readMap, which knows the path
      prettyErrors: false,
      logLevel: "error", // "silent" would also drop the error of a second document
      lineCounter,
    });
    if (document.errors.length === 0) return document;
    const faults = document.errors.slice(0, SYNTAX_FAULTS_MAX).map((error) => {
      const place = placeAt(lineCounter, error.pos[0]);
      return { line: place?.line, column: place?.column, reason: error.message };
    });
    const listed = faults.map((fault) => `  ${file}:${fault.line}:${fault.column} ${fault.reason}`);
    throw new MeshError("MESH_CONFIG_FILE", `${file}: not YAML\n${listed.join("\n")}`, {
      details: { file, faults },
    });
  } catch (cause) {
    if (cause instanceof MeshError) throw cause;
    // The composer recurses: brackets nested thousands deep end in a RangeError.
    throw new MeshError("MESH_CONFIG_FILE", `${file}: not YAML that can be read`, {
      details: { file },
      cause,
    });
  }
}

function readNode(walk: Walk, node: unknown, path: KeyPath): unknown {
  if (node === null || node === undefined) return null;
  const offset = (node as NodeLike).range?.[0];
  if (offset !== undefined) walk.offsets.set(formatPath(path), offset);
  if (isAlias(node)) {
    refuse(walk, path, "a value, not a YAML alias", `*${node.source}`, offset);
    return undefined;
  }
  refuseDecoration(walk, node as NodeLike, path, offset);
  if ((node as NodeLike).tag !== undefined) return undefined; // it may have changed the value
  if (path.length > TOPOLOGY_DEPTH_MAX) {
    refuse(walk, path, `at most ${TOPOLOGY_DEPTH_MAX} levels of nesting`, "more", offset);
    return undefined;
  }
  if (isMap(node)) return readMap(walk, node.items, path);
  if (isSeq(node)) return node.items.map((item, index) => readNode(walk, item, [...path, index]));
  return isScalar(node) ? node.value : undefined;
}

function readMap(walk: Walk, pairs: readonly Pair[], path: KeyPath): unknown {
  const result: Record<string, unknown> = Object.create(null);
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? key.value : undefined;
    const offset = (key as NodeLike | null)?.range?.[0];
    if (typeof name !== "string") {
      refuse(
        walk,
        path,
        "keys that are plain strings",
        formatGot(name ?? "a compound key"),
        offset,
      );
      continue;
    }
    const inner = [...path, name];
    refuseDecoration(walk, key as NodeLike, inner, offset);
    if (name === "<<") refuse(walk, inner, "no YAML merge keys", "<<", offset);
    else if (name in result) refuse(walk, inner, "each key once", "a duplicate", offset);
    else {
      if (offset !== undefined) walk.offsets.set(formatPath(inner), offset);
      result[name] = readNode(walk, value, inner);
    }
  }
  return result;
}

function refuseDecoration(walk: Walk, node: NodeLike, path: KeyPath, offset?: number): void {
  if (node.anchor !== undefined)
    refuse(walk, path, "a value without a YAML anchor", `&${node.anchor}`, offset);
  if (node.tag !== undefined)
    refuse(walk, path, "a value without a YAML tag", String(node.tag), offset);
}

function refuse(walk: Walk, path: KeyPath, expected: string, got: string, offset?: number): void {
  const place = placeAt(walk.lines, offset);
  walk.problems.push({ path: formatPath(path), expected, got, ...place });
}

function placeAt(lines: LineCounter, offset: number | undefined): Place | undefined {
  if (offset === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
