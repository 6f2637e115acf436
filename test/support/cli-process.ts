/** The real command line as a child process. Children are ended by the test that started them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN_PATH = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[]): Promise<CliResult> {
  const child = spawnCli(args);
  const text = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (part: string) => {
    text.stdout += part;
  });
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    text.stderr += part;
  });
  const [code] = await once(child, "close");
  return { code, ...text };
}

/** A command that keeps running and prints lines. */
export class RunningCli implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  stderr = "";

  constructor(args: readonly string[]) {
    this.#child = spawnCli(args);
    const { stdout, stderr } = this.#child;
    if (stdout === null) throw new Error("no stdout");
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr?.setEncoding("utf8").on("data", (part: string) => {
      this.stderr += part;
    });
  }

  /** The next line as JSON; fails when the command ends instead. */
  async json(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`ended: ${this.stderr}`);
    return JSON.parse(value);
  }

  /** Sends a signal that does not end it. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it; resolves with its exit code, null when a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return this.#child.exitCode;
    }
    const closed = once(this.#child, "close");
    this.#child.kill(signal);
    const [code] = await closed;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}

function spawnCli(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN_PATH, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}
