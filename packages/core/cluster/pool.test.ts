import { expect, test } from "vitest";
import { parseCluster } from "./parse.ts";
import { type ExampleName, exampleCluster, exampleNames, exampleSource } from "./testing.ts";

function withPool(text: string, file: ExampleName = "desk-5") {
  return parseCluster(exampleSource(file).replace(/(\n {2}head: .*\n)/, `$1  pool: ${text}\n`));
}

test("a pool that is written out is given from its first address", () => {
  const parsed = withPool("192.168.77.100-192.168.77.102");
  expect(parsed).toMatchObject({
    cluster: { network: { pool: ["192.168.77.100", "192.168.77.101", "192.168.77.102"] } },
  });
});

test("a cluster may have no pool: then only boards of the file get an address", () => {
  expect(withPool("none")).toMatchObject({ cluster: { network: { pool: [] } } });
});

test.each(exampleNames)("without a pool, %s gives the highest addresses that nothing else has", (name) => {
  const { network, boards, switches } = exampleCluster(name);
  const owned = [...boards, ...switches].map(({ address }) => address);
  expect(network.pool.length).toBeGreaterThanOrEqual(64);
  expect(new Set(network.pool).size).toBe(network.pool.length);
  expect(network.pool.filter((address) => owned.includes(address) || address === network.head)).toEqual([]);
});

test("a small network keeps half of what is free for others", () => {
  const { network } = exampleCluster("desk-5");
  expect(network.pool[0]).toBe("192.168.77.254");
  expect(network.pool.length).toBeLessThanOrEqual(127);
});

test.each([
  ["192.168.77.9-192.168.77.8", '"192.168.77.9-192.168.77.8" is no range'],
  ["192.168.77.9-192.168.77.256", "is no range"],
  ["10.0.0.0-10.1.0.0", "is no range of 1 to 4096 addresses"],
  ["192.168.77.200-192.168.78.3", "is not all inside the network 192.168.77.0/24"],
  ["192.168.76.200-192.168.77.3", "is not all inside"],
  ["192.168.77.5-192.168.77.40", "the pool and the head both have the address 192.168.77.10"],
  ["192.168.77.20-192.168.77.40", "the pool and board b1 both have the address 192.168.77.21"],
])("the pool %s is refused", (text, says) => {
  expect(withPool(text)).toMatchObject({ problems: [{ message: expect.stringContaining(says) }] });
});

test("what is no range at all is refused by its form", () => {
  expect(withPool("many")).toMatchObject({ kind: "invalid" });
});
