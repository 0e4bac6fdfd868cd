import { expect, test } from "vitest";
import { readFlags } from "./flags.ts";

test("without flags the agent listens for a beacon and serves on loopback", () => {
  expect(readFlags([])).toEqual({
    kind: "run",
    head: null,
    tokenFile: null,
    roles: "none",
    mayHalt: false,
    state: "/run/bramble",
    web: { host: "127.0.0.1", port: 8881 },
    logLevel: "info",
  });
});

test("flags are read", () => {
  const args = ["--head", "http://10.0.0.1:8880/x", "--token-file=/run/token", "--no-web", "--log-level", "debug"];
  expect(readFlags(args)).toEqual({
    kind: "run",
    head: "http://10.0.0.1:8880",
    tokenFile: "/run/token",
    roles: "none",
    mayHalt: false,
    state: "/run/bramble",
    web: null,
    logLevel: "debug",
  });
  expect(readFlags(["--head", "ws://head:1"])).toMatchObject({ head: "ws://head:1" });
  expect(readFlags(["--head", "ws://head:1", "--roles", "user", "--state", "/var/lib/b"])).toMatchObject({
    ...{ roles: "user", state: "/var/lib/b" },
  });
  expect(readFlags(["--head", "ws://head:1", "--may-halt"])).toMatchObject({ mayHalt: true });
  expect(readFlags(["--help"])).toEqual({ kind: "help" });
  expect(readFlags(["-h"])).toEqual({ kind: "help" });
});

test.each([
  [["--haed", "x"], "there is no flag --haed; did you mean --head?"],
  [["--zzzzzzzzz"], "there is no flag --zzzzzzzzz; see --help"],
  [["-x"], "there is no flag -x; see --help"],
  [["--head"], "--head needs a value"],
  [["--head="], "--head needs a value"],
  [["--head", "10.0.0.1:8880"], "is no URL"],
  [["--head", "file:///etc/passwd"], "is no URL"],
  [["--port", "70000"], "is no port"],
  [["--port", "-1"], "--port"],
  [["--listen", "example"], "is no address"],
  [["--no-web=1"], "takes no value"],
  [["--log-level", "wran"], "did you mean warn?"],
  [["head"], '"head" is no flag'],
  [["--token-file", "x"], "--token-file needs --head"],
  [["--may-halt"], "--may-halt needs --head: only a head that you name may halt this board"],
  [["--roles", "user"], "--roles needs --head"],
  [["--roles", "all", "--head", "http://h"], "is not none, user or root"],
  [["--state", "run/bramble"], "is no absolute path"],
  [["--state", "/run/../etc"], "is no absolute path"],
])("%j is refused in one sentence", (args, message) => {
  expect(() => readFlags(args)).toThrow(message);
});
