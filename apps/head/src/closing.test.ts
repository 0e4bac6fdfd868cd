import { expect, test } from "vitest";
import { createClosing } from "./closing.ts";

test("what was opened is closed in reverse, once, also when one of them fails", async () => {
  const closed: string[] = [];
  const closing = createClosing();
  closing.add({ [Symbol.dispose]: () => void closed.push("first") });
  closing.add({
    async [Symbol.asyncDispose]() {
      closed.push("second");
      throw new Error("stuck");
    },
  });
  closing.add({ [Symbol.dispose]: () => void closed.push("third") });
  await expect(closing[Symbol.asyncDispose]()).rejects.toThrow("stuck");
  expect(closed).toEqual(["third", "second", "first"]);
  await closing[Symbol.asyncDispose]();
  expect(closed).toHaveLength(3);
});
