/**
 * Counting a file as `wc` does in a UTF-8 locale: lines are newlines, bytes are bytes, words are
 * maximal runs of what is not white space. White space is what `wc` takes for it: the locale's
 * space class and the four no-break spaces. Bytes that are no UTF-8 count as non-white space, as
 * in coreutils since 9.5. The most frequent words of the text come along, bounded.
 */
import { createReadStream } from "node:fs";

export interface Counts {
  readonly lines: number;
  readonly words: number;
  readonly bytes: number;
}

/** A word in lower case and how often it occurs. */
export type WordFrequency = readonly [word: string, count: number];

export interface FileCount extends Counts {
  /** At most {@link TOP_WORDS_MAX}, most frequent first, equal ones by the alphabet. */
  readonly top: readonly WordFrequency[];
}

export interface Totals extends Counts {
  readonly files: number;
}

/** Words that one file's result names; its value stays far below the 60 KiB of a shared value. */
export const TOP_WORDS_MAX = 32;
/** Words that the whole input's report names. */
export const TOP_WORDS_SHOWN = 8;

/** @throws the file system's error when the file cannot be read. */
export async function countFile(path: string): Promise<FileCount> {
  const counter = new WordCounter();
  for await (const chunk of createReadStream(path)) counter.push(chunk as Buffer);
  return counter.finish();
}

/** Counts a text that comes in chunks, cut anywhere. */
export class WordCounter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #frequencies = new Map<string, number>();
  #lines = 0;
  #words = 0;
  #bytes = 0;
  #inWord = false;
  /** Letters at the end of the last chunk, which the next may continue. */
  #letters = "";

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    for (const byte of chunk) if (byte === NEWLINE) this.#lines += 1;
    this.#text(this.#decoder.decode(chunk, { stream: true }));
  }

  finish(): FileCount {
    this.#text(this.#decoder.decode());
    this.#note(this.#letters);
    const { lines, words, bytes } = { lines: this.#lines, words: this.#words, bytes: this.#bytes };
    return { lines, words, bytes, top: topWords(this.#frequencies) };
  }

  #text(text: string): void {
    for (let index = 0; index < text.length; index++) {
      // White space lies in the basic plane, so code units do; a surrogate is part of a word.
      const isSpace = isWhiteSpace(text.charCodeAt(index));
      if (!isSpace && !this.#inWord) this.#words += 1;
      this.#inWord = !isSpace;
    }
    const whole = this.#letters + text;
    this.#letters = /\p{L}*$/u.exec(whole.slice(-LETTERS_MAX))?.[0] ?? "";
    const known = whole.slice(0, whole.length - this.#letters.length);
    for (const [letters] of known.matchAll(/\p{L}+/gu)) this.#note(letters);
  }

  #note(letters: string): void {
    if (letters.length < WORD_LETTERS_MIN || letters.length >= LETTERS_MAX) return;
    const word = letters.toLowerCase();
    const count = this.#frequencies.get(word);
    if (count === undefined && this.#frequencies.size >= DISTINCT_WORDS_MAX) return;
    this.#frequencies.set(word, (count ?? 0) + 1);
  }
}

/** The sum of the files' counts. */
export function sumCounts(counts: Iterable<Counts>): Totals {
  const sum = { files: 0, lines: 0, words: 0, bytes: 0 };
  for (const { lines, words, bytes } of counts) {
    sum.files += 1;
    sum.lines += lines;
    sum.words += words;
    sum.bytes += bytes;
  }
  return sum;
}

/** The most frequent words over the files' own most frequent ones. */
export function foldTopWords(
  counts: Iterable<Pick<FileCount, "top">>,
  max: number,
): readonly WordFrequency[] {
  const sum = new Map<string, number>();
  for (const { top } of counts) {
    for (const [word, count] of top) sum.set(word, (sum.get(word) ?? 0) + count);
  }
  return topWords(sum, max);
}

function topWords(
  frequencies: ReadonlyMap<string, number>,
  max = TOP_WORDS_MAX,
): readonly WordFrequency[] {
  return [...frequencies]
    .sort(([wordA, a], [wordB, b]) => b - a || (wordA < wordB ? -1 : 1))
    .slice(0, max);
}

function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return WIDE_SPACES.has(unit);
}

/** The space class of glibc's UTF-8 locales beyond ASCII, and wc's no-break spaces. */
const WIDE_SPACES: ReadonlySet<number> = new Set([
  0x00a0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009,
  0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x2060, 0x3000,
]);
const NEWLINE = 0x0a;
/** Shorter words say nothing about a text. */
const WORD_LETTERS_MIN = 4;
/** Longer runs of letters are no words. */
const LETTERS_MAX = 64;
/** Different words counted in one file; what first occurs after that is left out. */
const DISTINCT_WORDS_MAX = 65_536;
