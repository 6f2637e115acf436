/** `cert`: issuing, signing, renewing and reading certificates of membership. Needs no running node. */
import { Command } from "commander";
import { ISSUERS_MAX } from "../../node/security/issue.ts";
import type { Described } from "../cert/describe.ts";
import {
  CERTIFICATE_HOURS_MAX,
  DAYS_DEFAULT,
  type DelegateFlags,
  HOURS_DEFAULT,
  type IssueFlags,
  type KeyFlags,
  parseCount,
  type RenewFlags,
  type RevokeFlags,
  roleOption,
  type ShowFlags,
  STATEMENT_DAYS_MAX,
  withKeyOption,
} from "../cert/flags.ts";
import { EXIT_FAILED } from "../exit-codes.ts";
import { dataDirOption, jsonOption, outputOf } from "./client-command.ts";

/** @param exitWith told 1 when a certificate that is shown does not hold. */
export function certCommand(exitWith: (code: number) => void): Command {
  const cert = new Command("cert")
    .description("Issue, sign, renew and show certificates of membership")
    .addHelpText("after", HELP);
  const made = [issueCommand(), signCommand(), renewCommand(), revokeCommand(), delegateCommand()];
  for (const command of made) cert.addCommand(command);
  return cert.addCommand(showCommand(exitWith));
}

function issueCommand(): Command {
  const command = new Command("issue")
    .description("Certify a node's key; by default that of --data-dir, made if need be")
    .requiredOption("-m, --mesh <name>", "name of the mesh")
    .option("--node <key>", "the node's public key, as its keygen prints it")
    .option("--issuers <file>", "statement of the issuers whose keys sign (cert delegate)")
    .option("--region <name>", "region of the node", "local")
    .option("--zone <name>", "zone of the node", "local")
    .addOption(roleOption())
    .option("--hours <n>", "how long it is valid", parseHours, HOURS_DEFAULT)
    .option("-o, --out <file>", "default: membership.cert in --data-dir")
    .addOption(dataDirOption())
    .addOption(jsonOption());
  return withKeyOption(command).action(async (flags: IssueFlags) => {
    const { issue } = await import("../cert/actions.ts");
    print(await issue(flags), flags);
  });
}

function signCommand(): Command {
  const command = new Command("sign")
    .description("Add an issuer's signature to a certificate that needs several")
    .argument("<file>")
    .addOption(jsonOption());
  return withKeyOption(command).action(async (file: string, flags: KeyFlags) => {
    const { sign } = await import("../cert/actions.ts");
    print(await sign(file, flags), flags);
  });
}

function renewCommand(): Command {
  const command = new Command("renew")
    .description("Certify the same key and place again, from now; a running node takes it up")
    .argument("[file]", "default: membership.cert in --data-dir")
    .option("--hours <n>", "how long it is valid; default: as long as before", parseHours)
    .option("-o, --out <file>", "default: the file itself")
    .addOption(dataDirOption())
    .addOption(jsonOption());
  return withKeyOption(command).action(async (file: string | undefined, flags: RenewFlags) => {
    const { renew } = await import("../cert/actions.ts");
    print(await renew(file, flags), flags);
  });
}

function revokeCommand(): Command {
  const command = new Command("revoke")
    .description("State that a node is no member any more; knhk-mesh revoke tells the mesh")
    .requiredOption("-m, --mesh <name>", "name of the mesh")
    .requiredOption("--node <key>", "the node's public key")
    .option("--issuers <file>", "statement of the issuers whose keys sign (cert delegate)")
    .requiredOption("-o, --out <file>", "the revocation")
    .addOption(jsonOption());
  return withKeyOption(command).action(async (flags: RevokeFlags) => {
    const { revoke } = await import("../cert/actions.ts");
    print(await revoke(flags), flags);
  });
}

function delegateCommand(): Command {
  const command = new Command("delegate")
    .description("State that m of some issuers may certify, so that the authority's key rests")
    .requiredOption("-m, --mesh <name>", "name of the mesh")
    .requiredOption("--issuer <key...>", "an issuer's public key, as its keygen prints it")
    .requiredOption("--threshold <m>", "how many must sign", parseCount("issuers", ISSUERS_MAX))
    .option("--days <n>", "how long it is valid", parseDays, DAYS_DEFAULT)
    .requiredOption("-o, --out <file>", "the statement")
    .addOption(jsonOption());
  return withKeyOption(command).action(async (flags: DelegateFlags) => {
    const { delegateIssuing } = await import("../cert/actions.ts");
    print(await delegateIssuing(flags), flags);
  });
}

function showCommand(exitWith: (code: number) => void): Command {
  return new Command("show")
    .description("Print a certificate and whether its signatures hold; exit 1 if not")
    .argument("[file]", "default: membership.cert in --data-dir")
    .option("--authority <key>", "the authority that must have certified it")
    .option("-m, --mesh <name>", "the mesh that it must be for")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (file: string | undefined, flags: ShowFlags) => {
      const { show } = await import("../cert/actions.ts");
      const { holds, ...described } = await show(file, flags);
      print(described, flags);
      if (!holds) exitWith(EXIT_FAILED);
    });
}

function print({ value, text }: Described, flags: { readonly json?: true }): void {
  outputOf(flags).result(value, text);
}

const parseHours = parseCount("hours", CERTIFICATE_HOURS_MAX);
const parseDays = parseCount("days", STATEMENT_DAYS_MAX);

const HELP = `
A mesh of one authority:
  knhk-mesh keygen authority.key              # prints the authority's public key
  knhk-mesh cert issue --mesh prod --key authority.key --data-dir a
  knhk-mesh start --mesh prod --authority KEY --data-dir a
  knhk-mesh cert renew --key authority.key --data-dir a    # every day, while it runs

Two of three issuers, the authority's key kept elsewhere:
  knhk-mesh cert delegate --mesh prod --key authority.key --threshold 2 \\
    --issuer KEY1 KEY2 KEY3 --out issuers
  knhk-mesh cert issue --mesh prod --issuers issuers --key one.key \\
    --node NODE --out node.cert               # one of two signatures
  knhk-mesh cert sign node.cert --key two.key # complete`;
