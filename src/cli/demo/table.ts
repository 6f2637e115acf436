/**
 * The live view of the demo: on a terminal a table redrawn in place, elsewhere nothing (the steps
 * are printed as lines). It reads the swarm and changes nothing.
 */
import type { WriteStream } from "node:tty";
import type { Swarm } from "./demo.ts";

/** One node's row; plain data, so that it can be formatted without a swarm. */
export interface TableRow {
  readonly node: number;
  readonly state: string;
  readonly members: number | undefined;
  readonly links: number | undefined;
  readonly finished: number;
  readonly sees: number;
  readonly root: string;
  readonly holding: readonly string[];
}

export interface TableSize {
  readonly columns: number;
  readonly rows: number;
}

/** Redraws until stopped. */
export class LiveTable {
  readonly #stream: WriteStream;
  readonly #swarm: Swarm;
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;

  constructor(stream: WriteStream, swarm: Swarm) {
    this.#stream = stream;
    this.#swarm = swarm;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  /** A line above the table, to stay. */
  note(line: string): void {
    this.#draw([fitted(line, this.#stream.columns)]);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#draw();
  }

  /**
   * Writes the table over the last one, line by line: clearing the screen first would flicker,
   * and fill the scrollback of terminals that keep what is cleared.
   */
  #draw(above: readonly string[] = []): void {
    const { columns, rows } = this.#stream;
    const files = this.#swarm.files.paths.length;
    const table = formatTable(rowsOf(this.#swarm), files, { columns, rows });
    const up = this.#drawn === 0 ? "" : `${ESCAPE}[${this.#drawn}A`;
    const lines = [...above, ...table].map((line) => `${line}${ERASE_REST_OF_LINE}\n`);
    this.#stream.write(`${up}\r${lines.join("")}${ERASE_BELOW}`);
    this.#drawn = table.length;
  }
}

/** The table's lines, each shorter than the terminal is wide, and fewer than it is high. */
export function formatTable(
  rows: readonly TableRow[],
  files: number,
  { columns, rows: height }: TableSize,
): readonly string[] {
  const done = Math.max(0, ...rows.map(({ sees }) => sees));
  const space = Math.max(1, height - FRAME_LINES);
  const shown = rows.length <= space ? rows : rows.slice(0, space - 1);
  const rest = rows.length - shown.length;
  const lines = [
    bar(done, files, columns),
    HEADING,
    ...shown.map(formatRow),
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
  ];
  return lines.map((line) => fitted(line, columns));
}

function fitted(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}

function formatRow(row: TableRow): string {
  const cells = [
    String(row.node).padStart(4),
    `  ${row.state.padEnd(9)}`,
    show(row.members).padStart(7),
    show(row.links).padStart(7),
    String(row.finished).padStart(9),
    String(row.sees).padStart(6),
    `  ${row.root.slice(0, 8).padEnd(8)}`,
    `  ${row.holding.map((path) => path.slice(path.lastIndexOf("/") + 1)).join(" ")}`,
  ];
  return cells.join("").trimEnd();
}

function bar(done: number, files: number, columns: number): string {
  const width = Math.max(10, Math.min(50, columns - 30));
  const filled = files === 0 ? 0 : Math.floor((done / files) * width);
  return `${"#".repeat(filled).padEnd(width, ".")} ${done} of ${files} files`;
}

function rowsOf({ nodes }: Swarm): readonly TableRow[] {
  return nodes.map(({ number, state, tick }) => ({
    node: number,
    state,
    members: tick?.members,
    links: tick?.links,
    finished: tick?.finished ?? 0,
    sees: tick?.done ?? 0,
    root: tick?.root ?? "",
    holding: tick?.holding ?? [],
  }));
}

function show(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

const HEADING = "node  state    members  links  counted  sees  root      holding";
// ECMA-48 control sequences that every terminal of the last decades has.
const ESCAPE = "\u001b";
const ERASE_REST_OF_LINE = `${ESCAPE}[K`;
const ERASE_BELOW = `${ESCAPE}[J`;
const REDRAW_MS = 100;
/** Heading, bar, the cursor's line, and one kept free for a step. */
const FRAME_LINES = 4;
