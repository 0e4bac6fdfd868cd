import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

test("flags are read, what is not said has its default", () => {
  const options = readOptions([
    "--cluster",
    "box.yaml",
    "--speed=30",
    "--fail",
    "0.1",
    "--head",
    "http://127.0.0.1:8880/",
  ]);
  expect(options).toEqual({
    cluster: "box.yaml",
    head: "http://127.0.0.1:8880",
    tokenFile: null,
    boards: null,
    seed: "1",
    fail: 0.1,
    speed: 30,
    control: 8883,
    power: "auto",
    pduPort: 10_023,
    logLevel: "info",
  });
});

test.each([
  ["a mistyped flag names the nearest", ["--bords", "5"], /did you mean --boards/],
  ["no cluster at all", [], /--cluster FILE/],
  ["a flag without its value", ["--cluster"], /--cluster needs a value/],
  ["a part above one", ["--boards", "5", "--fail", "3"], /--fail must be a number from 0 to 1/],
  ["half a board", ["--boards", "1.5"], /whole number/],
  ["a port too high", ["--boards", "5", "--control", "70000"], /--control/],
  ["an empty number", ["--boards", ""], /--boards/],
  ["a choice that is none", ["--boards", "5", "--power", "maybe"], /auto, on/],
  ["a head that is no URL", ["--boards", "5", "--head", "10.0.0.1"], /--head must be a URL/],
  ["a token for whichever head is heard", ["--boards", "5", "--token-file", "t"], /--token-file needs --head/],
  ["a stray word", ["--boards", "5", "kill"], /"kill" is no flag/],
])("%s is refused", (_, args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test("help is help, whatever else is said", () => {
  expect(readOptions(["--boards", "5", "-h"])).toBe("help");
});
