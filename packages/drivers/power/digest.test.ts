import fc from "fast-check";
import { expect, test } from "vitest";
import { answerChallenge } from "./digest.ts";

/** RFC 7616 section 3.9.1. */
const parts = {
  ...{ method: "GET", uri: "/dir/index.html", user: "Mufasa", password: "Circle of Life" },
  cnonce: () => "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};
const challenge = (algorithm: string): string =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;

test.each([
  ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
])("the example of RFC 7616 with %s gives its response", (algorithm, response) => {
  const said = answerChallenge(challenge(algorithm), parts);
  expect(said).toContain(`response="${response}"`);
  expect(said).toContain(`algorithm=${algorithm}, qop=auth, nc=00000001`);
  expect(said).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
});

test("of two offers the stronger is taken, in whichever order they come", () => {
  for (const both of [
    [challenge("MD5"), challenge("SHA-256")],
    [challenge("SHA-256"), challenge("MD5")],
  ])
    expect(answerChallenge(both.join(", "), parts)).toContain("algorithm=SHA-256");
});

test.each([
  ["no header", ""],
  ["a basic challenge", 'Basic realm="x"'],
  ["an algorithm that we lack", challenge("SHA-512-256")],
  ["no quality of protection", 'Digest realm="x", nonce="y"'],
  ["no nonce", 'Digest realm="x", qop="auth"'],
])("%s is not answered", (_, header) => {
  expect(answerChallenge(header, parts)).toBeNull();
});

test("whatever is challenged, the answer is one line and holds no password", () => {
  const header = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `${challenge("SHA-256")}, ${rest}`),
  );
  fc.assert(
    fc.property(header, (said) => {
      const answer = answerChallenge(said, parts);
      return answer === null || !answer.includes("Circle of Life");
    }),
  );
});
