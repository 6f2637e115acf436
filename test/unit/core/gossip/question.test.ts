import { describe, expect, it } from "vitest";
import { QUESTION_MS_MAX, Question } from "../../../../src/core/gossip/question.ts";

const at = (monoMs: number) => ({ monoMs, wallMs: 0 });
const LEAST_MS = 100;

/** Asks and waits, `times` over; how long each answer was waited for. */
function waits(question: Question, times: number, roundTripMs = 0): number[] {
  let monoMs = 0;
  return Array.from({ length: times }, (_, i) => {
    const askedMs = monoMs;
    question.asked(i + 1, LEAST_MS, roundTripMs, at(monoMs));
    while (question.isOpen(at(monoMs))) monoMs += 1;
    return monoMs - askedMs;
  });
}

describe("a round's question over a link", () => {
  it("is open until its answer comes", () => {
    const question = new Question();
    expect(question.isOpen(at(0))).toBe(false);
    question.asked(7, LEAST_MS, 0, at(10));
    expect(question.isOpen(at(20))).toBe(true);
    expect(question.answered(7, at(25))).toBe(15);
    expect(question.isOpen(at(25))).toBe(false);
  });

  it("is not answered by another stamp, nor twice", () => {
    const question = new Question();
    question.asked(7, LEAST_MS, 0, at(0));
    expect(question.answered(8, at(1))).toBeUndefined();
    expect(question.answered(0, at(1))).toBeUndefined();
    expect(question.answered(7, at(2))).toBe(2);
    expect(question.answered(7, at(3))).toBeUndefined();
  });

  it("is waited for twice the round trip on a far link", () => {
    expect(waits(new Question(), 1, 400)).toEqual([800]);
  });

  it("is repeated once as soon, then ever more rarely, to a bound", () => {
    const taken = waits(new Question(), 10);
    expect(taken.slice(0, 4)).toEqual([100, 100, 200, 400]);
    expect(taken.at(-1)).toBe(QUESTION_MS_MAX);
  });

  it("is soon repeated again once an answer has come", () => {
    const question = new Question();
    waits(question, 6);
    question.answered(6, at(10_000));
    question.asked(9, LEAST_MS, 0, at(10_000));
    expect(question.isOpen(at(10_099))).toBe(true);
    expect(question.isOpen(at(10_100))).toBe(false);
  });
});
