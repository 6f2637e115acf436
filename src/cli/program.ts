/** The command line: its commands, what they share, and how their failures end. */
import { Command, CommanderError } from "commander";
import { isMeshError } from "../errors.ts";
import { agentsCommand } from "./commands/agents.ts";
import { certCommand } from "./commands/cert.ts";
import { demoCommand } from "./commands/demo.ts";
import { evictCommand } from "./commands/evict.ts";
import { getCommand } from "./commands/get.ts";
import { inboxCommand } from "./commands/inbox.ts";
import { keygenCommand } from "./commands/keygen.ts";
import { proofCommand } from "./commands/proof.ts";
import { revokeCommand } from "./commands/revoke.ts";
import { sendCommand } from "./commands/send.ts";
import { setCommand } from "./commands/set.ts";
import { simCommand } from "./commands/sim.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { watchCommand } from "./commands/watch.ts";
import { requestError } from "./control/protocol.ts";
import { EXIT_CODES_HELP, EXIT_OK, EXIT_USAGE } from "./exit-codes.ts";
import { Output } from "./output.ts";
import { packageVersion } from "./version.ts";

/** Runs one command line. @returns its exit code; what failed has been printed. */
export async function runCli(args: readonly string[]): Promise<number> {
  // Known before parsing, so that a command line that cannot be parsed fails as asked for.
  const output = new Output(args.includes("--json"));
  const exit = { code: EXIT_OK };
  const program = createProgram((code) => {
    exit.code = code;
  });
  try {
    if (args.length === 0) {
      process.stderr.write(program.helpInformation() + EXIT_CODES_HELP.concat("\n"));
      return EXIT_USAGE;
    }
    await program.parseAsync(args, { from: "user" });
    return exit.code;
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      return isAbort(error) ? EXIT_OK : output.failure(error);
    }
    if (error.exitCode === 0) return EXIT_OK; // --help and --version
    return output.failure(requestError(usageMessage(error), { usage: error.code }));
  }
}

/** @param exitWith sets the exit code of a command that ran, but not to full success. */
function createProgram(exitWith: (code: number) => void): Command {
  const program = new Command("knhk-mesh")
    .description("Peer-to-peer mesh for AI-agent swarms.")
    .version(packageVersion())
    .addHelpText("after", EXIT_CODES_HELP)
    .exitOverride()
    // `sim` and its subcommands have options of one name.
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => undefined });
  const commands = [
    demoCommand(exitWith),
    startCommand(),
    statusCommand(),
    getCommand(exitWith),
    setCommand(),
    watchCommand(),
    agentsCommand(),
    sendCommand(),
    inboxCommand(),
    keygenCommand(),
    proofCommand(),
    revokeCommand(),
    evictCommand(),
    certCommand(exitWith),
    simCommand(exitWith),
  ];
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program));
    for (const subcommand of command.commands) subcommand.copyInheritedSettings(program);
  }
  return program;
}

function usageMessage(error: CommanderError): string {
  if (error.code === "commander.help") return "a command is missing; see knhk-mesh --help";
  return `${error.message.replace(/^error: /, "").replaceAll("\n", " ")}; see --help`;
}

/** The user's own Ctrl-C is no failure. */
function isAbort(error: unknown): boolean {
  return !isMeshError(error) && error instanceof Error && error.name === "AbortError";
}
