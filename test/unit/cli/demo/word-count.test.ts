import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { findInputFiles } from "../../../../src/cli/demo/input-files.ts";
import {
  countFile,
  foldTopWords,
  sumCounts,
  TOP_WORDS_MAX,
  WordCounter,
} from "../../../../src/cli/demo/word-count.ts";

const folder = mkdtempSync(join(tmpdir(), "word-count-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lines, words and bytes as the system's wc counts them, per file. */
function wc(paths: readonly string[]): number[][] {
  const text = execFileSync("wc", ["-lwc", ...paths], {
    env: { LC_ALL: "C.UTF-8", PATH: process.env.PATH },
    encoding: "utf8",
  });
  return text
    .split("\n")
    .slice(0, paths.length)
    .map((line) => line.trim().split(/\s+/).slice(0, 3).map(Number));
}

function count(...chunks: readonly Uint8Array[]) {
  const counter = new WordCounter();
  for (const chunk of chunks) counter.push(chunk);
  return counter.finish();
}

describe.skipIf(process.platform !== "linux")("beside the real wc", () => {
  it("counts this package's own files as wc does", async () => {
    const { root, paths } = await findInputFiles(undefined);
    const files = paths.map((path) => join(root, path));
    const counted = await Promise.all(files.map(countFile));
    expect(counted.map(({ lines, words, bytes }) => [lines, words, bytes])).toEqual(wc(files));
  });

  it("counts generated texts as wc does", async () => {
    // Printable characters only: on the others the versions of wc disagree.
    const character = fc.constantFrom(
      ..."ab Z9\t\n\r\v\f,.é漢😀\u00a0\u1680\u2003\u2007\u2009\u200a\u202f\u205f\u2060\u3000",
    );
    const texts = fc.sample(fc.string({ unit: character, maxLength: 400 }), {
      numRuns: 60,
      seed: 7,
    });
    const files = texts.map((text, index) => {
      const path = join(folder, `text-${index}`);
      writeFileSync(path, text);
      return path;
    });
    const counted = await Promise.all(files.map(countFile));
    expect(counted.map(({ lines, words, bytes }) => [lines, words, bytes])).toEqual(wc(files));
  });
});

describe("WordCounter", () => {
  it("counts nothing in nothing", () => {
    expect(count()).toEqual({ lines: 0, words: 0, bytes: 0, top: [] });
  });

  it("counts a last line without newline as words, not as a line", () => {
    expect(count(Buffer.from("one two\nthree"))).toMatchObject({ lines: 1, words: 3, bytes: 13 });
  });

  it("takes bytes that are no UTF-8 for part of a word", () => {
    expect(count(Uint8Array.of(0x61, 0xff, 0x62, 0x20, 0xfe))).toMatchObject({
      words: 2,
      bytes: 5,
    });
  });

  it("gives the same result wherever the text is cut", () => {
    const bytes = Buffer.from("Straße straße 漢字漢字 mesh MESH\u2003mesh\n😀 agent agents\n");
    const whole = count(bytes);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(count(bytes.subarray(0, cut), bytes.subarray(cut)), `cut at ${cut}`).toEqual(whole);
    }
  });

  it("names the most frequent words of four letters and more, equal ones by the alphabet", () => {
    const { top } = count(Buffer.from("mesh Node mesh node the the the lease"));
    expect(top).toEqual([
      ["mesh", 2],
      ["node", 2],
      ["lease", 1],
    ]);
  });

  it("names no more words than its bound", () => {
    const words = Array.from({ length: 100 }, (_, index) =>
      `word${"abcdefghij"[index % 10]}`.repeat(1 + index / 10),
    );
    expect(count(Buffer.from(words.join(" "))).top.length).toBeLessThanOrEqual(TOP_WORDS_MAX);
  });
});

describe("folding", () => {
  it("sums counts and files", () => {
    const one = { lines: 1, words: 2, bytes: 3 };
    expect(sumCounts([one, one])).toEqual({ files: 2, lines: 2, words: 4, bytes: 6 });
  });

  it("adds up the same word of several files", () => {
    const folded = foldTopWords(
      [
        { top: [["mesh", 2]] },
        {
          top: [
            ["node", 3],
            ["mesh", 4],
          ],
        },
      ],
      1,
    );
    expect(folded).toEqual([["mesh", 6]]);
  });
});
