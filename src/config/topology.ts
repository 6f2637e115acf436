/**
 * Topology files: YAML text to a complete, frozen, typed configuration (C13).
 *
 * Stages: bytes > YAML subset > schema + cross-field rules > camelCase > frozen. A file's problems
 * are reported together; nothing but MeshError leaves this folder. `missing.ts` says what this
 * version lacks for a configuration, `node-settings.ts` what one node is started with.
 */
import { open } from "node:fs/promises";
import { isMeshError, MeshError } from "../errors.ts";
import { camelCased } from "./camel-case.ts";
import { schemaFindings } from "./findings.ts";
import {
  type ConfigProblem,
  type Finding,
  formatGot,
  formatPath,
  invalidConfig,
} from "./problem.ts";
import { crossFieldFindings } from "./rules.ts";
import { type TopologyConfig, topologySchema } from "./schema.ts";
import { readYaml, TOPOLOGY_FILE_BYTES_MAX, type YamlSource } from "./yaml-source.ts";

/** Options of {@link parseTopology}. */
export interface ParseTopologyOptions {
  /** Name of the file in messages. Default `topology.yaml`. */
  readonly file?: string;
}

/**
 * Parses one topology document.
 * @throws MeshError MESH_CONFIG_INVALID with `details.problems` ({@link ConfigProblem}[]), every
 * problem at once and in file order; MESH_CONFIG_FILE when the text is too large or is not YAML.
 */
export function parseTopology(
  yamlText: string,
  options: ParseTopologyOptions = {},
): TopologyConfig {
  const file = options.file ?? "topology.yaml";
  const source = readYaml(yamlText, file);
  const parsed = topologySchema.safeParse(source.value);
  const findings = [
    ...schemaFindings(parsed.error?.issues ?? [], source.value),
    ...crossFieldFindings(source.value),
  ];
  const problems = withoutEchoes(findings, source);
  if (parsed.success && problems.length === 0) return camelCased(parsed.data);
  throw invalidConfig(problems, file);
}

/**
 * Reads and parses one topology file; at most {@link TOPOLOGY_FILE_BYTES_MAX} bytes are read.
 * @throws MeshError as {@link parseTopology}; MESH_CONFIG_FILE also when it cannot be read.
 */
export async function loadTopology(
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<TopologyConfig> {
  options.signal?.throwIfAborted();
  const text = await readBounded(path);
  options.signal?.throwIfAborted();
  return parseTopology(text, { file: path });
}

/** One byte more than allowed is read at most, so a device or a huge file cannot fill memory. */
async function readBounded(path: string): Promise<string> {
  try {
    await using handle = await open(path, "r");
    const buffer = new Uint8Array(TOPOLOGY_FILE_BYTES_MAX + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > TOPOLOGY_FILE_BYTES_MAX) throw tooLarge(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(buffer.subarray(0, length));
  } catch (cause) {
    if (isMeshError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MeshError(
      "MESH_CONFIG_FILE",
      `${path}: expected a readable UTF-8 file, got ${reason}`,
      {
        details: { file: path },
        cause,
      },
    );
  }
}

function tooLarge(path: string): MeshError {
  return new MeshError(
    "MESH_CONFIG_FILE",
    `${path}: expected at most ${TOPOLOGY_FILE_BYTES_MAX} bytes, got more`,
    { details: { file: path, bytesMax: TOPOLOGY_FILE_BYTES_MAX } },
  );
}

/** Renders and places findings; drops repetitions and what a refused YAML construct caused. */
function withoutEchoes(findings: readonly Finding[], source: YamlSource): ConfigProblem[] {
  const refused = new Set(source.problems.map((problem) => problem.path));
  const problems = new Map<string, ConfigProblem>();
  for (const problem of source.problems) problems.set(JSON.stringify(problem), problem);
  for (const finding of findings) {
    const path = formatPath(finding.path);
    if (refused.has(path) && finding.got === undefined) continue;
    const { expected } = finding;
    const place = source.placeOf(finding.path);
    const problem = { path, expected, got: formatGot(finding.got), ...place };
    const key = JSON.stringify(problem);
    if (!problems.has(key)) problems.set(key, problem);
  }
  return [...problems.values()];
}
