import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@bramble/core/base";
import type { HttpTrust } from "@bramble/core/power";
import { expect, test } from "vitest";
import { powerTransport } from "./index.ts";

const signal = new AbortController().signal;
const { http } = powerTransport("pdu1", fakeClock());
const pin = "0558ccad93aca922a5d0968ecae63ccaab85b55fdf09f2480d0b326973d8226f";

test("a device with a certificate of its own is spoken to by its pin, in either form", async () => {
  await using server = await serving();
  const colons = (pin.toUpperCase().match(/../g) ?? []).join(":");
  for (const sha256 of [pin, colons])
    expect((await ask(server.url, { kind: "pinned", sha256 })).body).toBe("secret heard");
  expect(server.heard()).toBe(2);
});

test("before the right certificate was shown, nothing is said: no header, no body", async () => {
  await using server = await serving();
  const told = { code: "power.connection", message: expect.stringContaining("not the pinned one") };
  await expect(ask(server.url, { kind: "pinned", sha256: "0".repeat(64) })).rejects.toMatchObject(told);
  await expect(ask(server.url)).rejects.toMatchObject({
    message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
  });
  expect(server.heard()).toBe(0);
});

test("who wants no certificate looked at is served", async () => {
  await using server = await serving();
  expect((await ask(server.url, { kind: "anybody" })).status).toBe(200);
});

function ask(url: string, trust?: HttpTrust) {
  const headers = { authorization: "secret" };
  return http({ method: "POST", url, headers, body: "x", ...(trust === undefined ? {} : { trust }) }, signal);
}

/** Made for this test alone, by openssl; it opens nothing. */
const key = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWshdGzk2UrJol+RH
0wNDRnei3ENuHoAwLme9LXItT3OhRANCAATf3GKEW6DIdDG+ROGaHgbPSIaET52P
Kw71jzCtlWzm0UPKeGX1a0zlt8U74r1Jq78wTUAlDHRkHH5zRA+ifnBB
-----END PRIVATE KEY-----
`;
const cert = `
-----BEGIN CERTIFICATE-----
MIIBfjCCASOgAwIBAgIUcwqdqioymqsMOu+hSmGZPmRbIg4wCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIc3RhbmQtaW4wIBcNMjYxMTIxMTUwOTI1WhgPMjEyNjEwMjgx
NTA5MjVaMBMxETAPBgNVBAMMCHN0YW5kLWluMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE39xihFugyHQxvkThmh4Gz0iGhE+djysO9Y8wrZVs5tFDynhl9WtM5bfF
O+K9Sau/ME1AJQx0ZBx+c0QPon5wQaNTMFEwHQYDVR0OBBYEFCM49QouskRfoicz
HO/od5+u5zoHMB8GA1UdIwQYMBaAFCM49QouskRfoiczHO/od5+u5zoHMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhALOq4rNcyU8rwJ3UeviEegiX
3xlGajcAd4GRCwwzXmynAiEAwNqASnHdJMKvlPrLFPi+ooG5m7e9rme1+s4d+sn2
sm0=
-----END CERTIFICATE-----
`;

async function serving() {
  let heard = 0;
  const server = createServer({ key, cert }, (request, response) => {
    heard++;
    response.end(`${request.headers.authorization} heard`);
  }).listen(0, "127.0.0.1");
  server.on("tlsClientError", () => {});
  await once(server, "listening");
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
