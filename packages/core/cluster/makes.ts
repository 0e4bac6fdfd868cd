// Written by scripts/write-makes.ts from what the drivers declare; change a driver, then run it.
import type { Make } from "./setting-form.ts";

/** Every driver of this version that a cluster file may name, with its settings: for who checks a file without them. */
// biome-ignore format: written by a script
export const makes: readonly Make[] = [
  { id: "arduino-buttons", moves: "power", settings: {
    path: {"form":{"kind":"text"},"isNeeded":false},
  } },
  { id: "command", moves: "power", settings: {
    on: {"form":{"kind":"list"},"isNeeded":true},
    off: {"form":{"kind":"list"},"isNeeded":true},
    query: {"form":{"kind":"list"},"isNeeded":true},
    is_on: {"form":{"kind":"pattern"},"isNeeded":true},
    is_off: {"form":{"kind":"pattern"},"isNeeded":true},
    names: {"form":{"kind":"list"},"isNeeded":false},
  } },
  { id: "powerman", moves: "power", settings: {
    nodes: {"form":{"kind":"list"},"isNeeded":false},
  } },
  { id: "redfish", moves: "power", settings: {
    tls: {"form":{"kind":"flag"},"isNeeded":false},
    certificate: {"form":{"kind":"text"},"isNeeded":false},
    collection: {"form":{"kind":"text"},"isNeeded":false},
    members: {"form":{"kind":"list"},"isNeeded":false},
    login: {"form":{"kind":"choice","words":["session","basic"]},"isNeeded":false},
  } },
  { id: "shelly-gen2", moves: "power", settings: {
    tls: {"form":{"kind":"flag"},"isNeeded":false},
    certificate: {"form":{"kind":"text"},"isNeeded":false},
    first: {"form":{"kind":"whole","from":0,"to":15},"isNeeded":false},
  } },
  { id: "simulated", moves: "power", settings: {} },
  { id: "snmp-apc", moves: "power", settings: {
    version: {"form":{"kind":"choice","words":["1","2c","3"]},"isNeeded":false},
    user: {"form":{"kind":"text"},"isNeeded":false},
    auth: {"form":{"kind":"choice","words":["none","md5","sha","sha256","sha512"]},"isNeeded":false},
    answer_ms: {"form":{"kind":"whole","from":100,"to":10000},"isNeeded":false},
    privacy: {"form":{"kind":"choice","words":["none","des","aes","aes256"]},"isNeeded":false},
    branch: {"form":{"kind":"choice","words":["rpdu","rpdu2"]},"isNeeded":false},
    volts: {"form":{"kind":"whole","from":0,"to":480},"isNeeded":false},
  } },
  { id: "snmp-rfc3621", moves: "power", settings: {
    version: {"form":{"kind":"choice","words":["1","2c","3"]},"isNeeded":false},
    user: {"form":{"kind":"text"},"isNeeded":false},
    auth: {"form":{"kind":"choice","words":["none","md5","sha","sha256","sha512"]},"isNeeded":false},
    answer_ms: {"form":{"kind":"whole","from":100,"to":10000},"isNeeded":false},
    privacy: {"form":{"kind":"choice","words":["none","des","aes","aes256"]},"isNeeded":false},
    group: {"form":{"kind":"whole","from":1,"to":4096},"isNeeded":false},
    first_port: {"form":{"kind":"whole","from":1,"to":4096},"isNeeded":false},
    port_power: {"form":{"kind":"text"},"isNeeded":false},
    port_power_per_watt: {"form":{"kind":"whole","from":1,"to":1000000},"isNeeded":false},
  } },
  { id: "synaccess-http", moves: "power", settings: {
    tls: {"form":{"kind":"flag"},"isNeeded":false},
    certificate: {"form":{"kind":"text"},"isNeeded":false},
    inverted: {"form":{"kind":"flag"},"isNeeded":false},
  } },
  { id: "synaccess-telnet", moves: "power", settings: {} },
  { id: "tasmota", moves: "power", settings: {
    tls: {"form":{"kind":"flag"},"isNeeded":false},
    certificate: {"form":{"kind":"text"},"isNeeded":false},
    meters: {"form":{"kind":"flag"},"isNeeded":false},
  } },
  { id: "turing-pi-2", moves: "power", settings: {
    tls: {"form":{"kind":"flag"},"isNeeded":false},
    certificate: {"form":{"kind":"text"},"isNeeded":false},
    login: {"form":{"kind":"choice","words":["bearer","basic"]},"isNeeded":false},
  } },
  { id: "webhook", moves: "power", settings: {
    tls: {"form":{"kind":"flag"},"isNeeded":false},
    certificate: {"form":{"kind":"text"},"isNeeded":false},
    on: {"form":{"kind":"text"},"isNeeded":true},
    off: {"form":{"kind":"text"},"isNeeded":true},
    query: {"form":{"kind":"text"},"isNeeded":false},
    method: {"form":{"kind":"choice","words":["GET","POST"]},"isNeeded":false},
    body: {"form":{"kind":"text"},"isNeeded":false},
    type: {"form":{"kind":"text"},"isNeeded":false},
    is_on: {"form":{"kind":"pattern"},"isNeeded":false},
    is_off: {"form":{"kind":"pattern"},"isNeeded":false},
    watts: {"form":{"kind":"pattern"},"isNeeded":false},
  } },
  { id: "simulated", moves: "light", settings: {} },
  { id: "simulated", moves: "sound", settings: {} },
];
