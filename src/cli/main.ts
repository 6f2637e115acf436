#!/usr/bin/env node
/** The entry point of `knhk-mesh`: one command line in, one exit code out. */
import { runCli } from "./program.ts";

process.exitCode = await runCli(process.argv.slice(2));
