#!/usr/bin/env node
/** The entry point of `knhk-mesh`: one command line in, one exit code out. */
import { useCompileCache } from "./compile-cache.ts";

useCompileCache();
const { runCli } = await import("./program.ts");
process.exitCode = await runCli(process.argv.slice(2));
