import fc from "fast-check";
import { expect, test } from "vitest";
import { ClusterError } from "../base/index.ts";
import { readSimCommand, simVerbs } from "./sim.ts";

test.each([
  ["a board falls silent", { verb: "kill", set: "b0412" }],
  ["heat without a number", { verb: "hot", set: "@k01" }],
  ["heat with a number", { verb: "hot", set: "@k01", celsius: 90 }],
  ["watts for what is plugged in", { verb: "draw", set: "@g03", watts: 8 }],
  ["loss of packets", { verb: "loss", set: "b1", part: 0.05 }],
  ["a boot that stops", { verb: "noboot", set: "b1", step: "kernel" }],
  ["a PDU that lies", { verb: "lie", pdu: "pdu3" }],
  ["a second DHCP server", { verb: "rogue", state: "on" }],
])("%s is a command", (_, body) => {
  expect(readSimCommand(body)).toEqual(body);
});

test.each([
  ["a mistyped verb names the nearest", { verb: "kil", set: "b1" }, /did you mean "kill"/],
  ["a verb from nowhere lists what there is", { verb: "xyzzyx", set: "b1" }, /kill, revive/],
  ["an inherited name is no verb", { verb: "constructor", set: "b1" }, /no verb/],
  ["a command without a set", { verb: "kill" }, /kill: .*set/],
  ["a part above one", { verb: "loss", set: "b1", part: 2 }, /loss: part/],
  ["watts that flow back", { verb: "draw", set: "b1", watts: -1 }, /draw: watts/],
  ["a step that is none", { verb: "noboot", set: "b1", step: "lunch" }, /noboot: a step is one of discover, .*kernel/],
  ["a rogue that may be", { verb: "rogue", state: "maybe" }, /rogue: state/],
  ["a key too many", { verb: "kill", set: "b1", force: true }, /kill knows no "force"/],
  ["a list", [{ verb: "kill", set: "b1" }], /"verb"/],
  ["nothing", null, /"verb"/],
])("%s is refused", (_, body, message) => {
  expect(() => readSimCommand(body)).toThrow(message);
});

test("any JSON is a command or a ClusterError", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.record({ verb: fc.constantFrom(...simVerbs), set: fc.jsonValue() })),
      (body) => {
        try {
          readSimCommand(body);
        } catch (error) {
          expect(error).toBeInstanceOf(ClusterError);
        }
      },
    ),
  );
});
