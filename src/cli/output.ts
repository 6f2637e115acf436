/**
 * What a command prints: results on stdout, progress and errors on stderr. With --json stdout
 * carries JSON only (an error too), stderr nothing.
 */
import { isMeshError, MeshError } from "../errors.ts";
import { EXIT_FAILED, exitCodeOf } from "./exit-codes.ts";

export class Output {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** The command's result: `value` as one line of JSON, or `text` for people. */
  result(value: unknown, text: string): void {
    writeOut(this.json ? JSON.stringify(value) : text);
  }

  /** A line about work that is still going on. */
  progress(line: string): void {
    if (!this.json) process.stderr.write(`${line}\n`);
  }

  /** Prints a failure once. @returns its exit code. */
  failure(error: unknown): number {
    const shown = asMeshError(error);
    const { code, message, details, retryable, hint } = shown;
    if (this.json) {
      writeOut(JSON.stringify({ error: { code, message, details, retryable, hint } }));
    } else {
      process.stderr.write(`error [${code}]: ${message}\nhint: ${hint}\n`);
    }
    return isMeshError(error) ? exitCodeOf(code) : EXIT_FAILED;
  }
}

function writeOut(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Whatever else was thrown is a defect of this package, and says so. */
function asMeshError(error: unknown): MeshError {
  if (isMeshError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? { stack: error.stack } : {};
  return new MeshError("MESH_INVARIANT", message, { details: stack, cause: error });
}
