import { expect, test } from "vitest";
import { committed, generate } from "../../scripts/gen.ts";

test.each(generate().map((file) => [file.path, file.text]))(
  "%s is what npm run gen writes",
  (path, text) => {
    expect(committed(path)).toBe(text);
  },
);
