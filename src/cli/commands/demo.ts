/** `demo`: a swarm of node processes that shares one real task. */
import type { Command } from "commander";
export declare function demoCommand(exitWith: (code: number) => void): Command;
