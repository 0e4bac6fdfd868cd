import * as disk from "node:fs";
import { dirname } from "node:path";
import type { HeadMessage } from "@bramble/core/api";
import type { Clock, Logger, Mac, Random } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { filesBeside } from "@bramble/core/cluster";
import { powerDrivers, simulatedLamp, simulatedSpeaker } from "@bramble/drivers";
import manifest from "../package.json" with { type: "json" };
import { beaconTargets, beaconUrl, urlOf } from "./addresses.ts";
import { createBootRoom } from "./boot/room.ts";
import { createBus } from "./bus.ts";
import { type Closing, createClosing } from "./closing.ts";
import { loadCluster } from "./cluster-file.ts";
import type { HeadConfig } from "./config.ts";
import { nameHead, openDataDir } from "./data-dir.ts";
import { startBeacon } from "./discover/beacon.ts";
import { boardRoutes } from "./http/boards.ts";
import { bootRoutes } from "./http/boot.ts";
import { bootMetrics } from "./http/boot-metrics.ts";
import { bootPlanRoutes } from "./http/boot-plans.ts";
import { clusterRoutes } from "./http/cluster.ts";
import { eventRoutes } from "./http/events.ts";
import { healthRoutes } from "./http/health.ts";
import { lightRoutes } from "./http/lights.ts";
import { httpLimits, loopbackLimits } from "./http/limits.ts";
import { maasRoutes } from "./http/maas.ts";
import { createMetrics, metricRoutes } from "./http/metrics.ts";
import { pageRoutes } from "./http/page.ts";
import { checkPort } from "./http/port.ts";
import { powerRoutes } from "./http/power.ts";
import { powerMetrics } from "./http/power-metrics.ts";
import { powerPlanRoutes } from "./http/power-plans.ts";
import { powerStateRoutes } from "./http/power-state.ts";
import { redfishRoutes } from "./http/redfish.ts";
import { roleRoutes } from "./http/roles.ts";
import { sampleRoutes } from "./http/samples.ts";
import { createGuard } from "./http/security.ts";
import { startServer } from "./http/server.ts";
import { soundRoutes } from "./http/sounds.ts";
import { createUpgrades } from "./http/upgrade.ts";
import { warbleRoutes } from "./http/warbles.ts";
import { nodeSets } from "./node-set.ts";
import { keepEvents } from "./observe/events.ts";
import { createIngest } from "./observe/ingest.ts";
import { createLinks, linkLimits, linkServerOptions } from "./observe/link.ts";
import { tellNews } from "./observe/news.ts";
import { createWatcher } from "./observe/watcher.ts";
import { pacedClock, patientCluster } from "./power/paced.ts";
import { createPower } from "./power/room.ts";
import { startPowerman } from "./power-service/powerman/server.ts";
import { sequencerDesk } from "./power-service/sequencer-desk.ts";
import { createRegistry } from "./register/registry.ts";
import { createLive } from "./show/live.ts";
import { boardMigrations, boardStore } from "./store/boards.ts";
import { bootPlanMigrations, bootPlanStore } from "./store/boot-plans.ts";
import { openDatabase } from "./store/database.ts";
import { eventMigrations, eventStore } from "./store/events.ts";
import { leaseMigrations, leaseStore } from "./store/leases.ts";
import { powerJournal, powerPlanMigrations } from "./store/power-plans.ts";
import { roleMigrations, roleStore } from "./store/roles.ts";
import { sampleMigrations, sampleStore } from "./store/samples.ts";
import { workMigrations, workStore } from "./store/work.ts";
import { UsageError } from "./usage.ts";
import { checkPost } from "./work/check.ts";
import { defaultWorkLimits } from "./work/limits.ts";
import { openCatalog } from "./work/roles/catalog.ts";
import { createRoles } from "./work/roles/room.ts";
import { startSandbox } from "./work/sandbox/sandbox.ts";
import { createWork } from "./work/work.ts";

/** A running head. Disposing of it closes everything that it opened, in reverse order. */
export type Head = AsyncDisposable & { readonly url: string };

/** What a head is given by whoever starts it. */
export type HeadParts = { readonly clock: Clock; readonly random: Random; readonly log: Logger };

/**
 * Start a head: build the rooms from the leaves up, listen, and only then begin what was asked for at the start.
 *
 * @throws ClusterError with a sentence for the operator: a wrong cluster file, a port that is taken, a wider bind without
 * a token, a database that cannot be opened. Whatever was opened until then is closed.
 */
export async function startHead(config: HeadConfig, parts: HeadParts): Promise<Head> {
  const closing = createClosing();
  try {
    return await open(config, parts, closing);
  } catch (thrown) {
    await closing[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function open(config: HeadConfig, { clock, random, log }: HeadParts, closing: Closing): Promise<Head> {
  const startedAt = clock.now();
  const guard = createGuard(config);
  const cluster = loadCluster(config.clusterFile, config.variables, log);
  const at = { host: config.listen, port: config.port };
  await checkPort(at);
  const catalog = openCatalog(
    {
      roles: () => loadCluster(config.clusterFile, config.variables, log).roles,
      read: filesBeside(disk, dirname(config.clusterFile)).read,
    },
    cluster.roles,
  );
  const ended = new AbortController();
  const bus = createBus((name, thrown) => log.error({ name, error: messageOf(thrown) }, "a receiver of the bus threw"));

  const { database } = openDataDir(config.dataDir);
  const migrations = [
    ...boardMigrations,
    ...sampleMigrations,
    ...eventMigrations,
    ...workMigrations,
    ...roleMigrations,
    ...leaseMigrations,
    ...bootPlanMigrations,
    ...powerPlanMigrations,
  ];
  const schedule = (run: () => void): void => void setImmediate(run);
  const db = closing.add(openDatabase(database, migrations, { log, schedule }));
  const headId = nameHead(config.dataDir);
  const samples = closing.add(sampleStore(db, { clock, log }));
  const eventSlice = eventStore(db);
  const events = closing.add(keepEvents({ store: eventSlice, bus, clock, log }));

  const registry = closing.add(createRegistry({ cluster, store: boardStore(db), bus, clock, log }));
  const { roster } = registry;
  const watcher = closing.add(createWatcher({ registry, clock }));
  const ingest = createIngest({ samples, registry, watcher, bus, clock, log });
  closing.add(tellNews({ bus, clock }));

  const device = cluster.devices.find(({ kind }) => kind === "pixels");
  const lampConfig = { id: device?.id ?? "lamp", address: null, count: pixelsOf(device) };
  const lamp = closing.add(await simulatedLamp.open(lampConfig, { clock, log }, ended.signal));
  const sound = { id: "sound", address: null, count: null };
  const speaker = closing.add(await simulatedSpeaker.open(sound, { clock, log }, ended.signal));
  const limits = defaultWorkLimits;
  const sandbox = closing.add(startSandbox({ clock, log, limits: limits.sandbox }));
  // The desk hands runs to the links, the links hand results to the desk: one of them has to come later.
  let send = (_board: Mac, _message: HeadMessage): boolean => false;
  // So does power, which holds boards back from work while it may cycle them yet.
  let isHeld = (_board: string): boolean => false;
  const work = closing.add(
    createWork({
      ...{ store: workStore(db), roster, bus, clock, random, log, lamp, speaker, sandbox, limits },
      send: (board, message) => send(board, message),
      isHeld: (board) => isHeld(board),
      check: checkPost,
    }),
  );
  const roles = closing.add(
    createRoles({
      ...{ catalog, store: roleStore(db), roster, bus, clock },
      send: (board, message) => send(board, message),
    }),
  );
  const epoch = `${startedAt.toString(36)}-${random.whole(2 ** 32).toString(36)}`;
  const links = closing.add(
    createLinks({
      ...{ registry, ingest, watcher, desk: work.desk, roles, bus, clock, log, epoch },
      allow: ({ token }) => guard.allowsBoard(token),
    }),
  );
  send = links.send;

  const power = closing.add(
    createPower({
      ...{ registry, bus, clock, random, log, drivers: powerDrivers, journal: powerJournal(db) },
      pricePerKwh: config.pricePerKwh,
      halt: (board, reason) => send(board, { type: "halt", reason }),
      cluster: config.boot.kind === "simulated" ? patientCluster(cluster, config.speed) : cluster,
      paced: pacedClock(clock, config.speed),
      speed: config.speed,
      config: {
        mode: config.power,
        addresses: new Map(Object.entries(config.powerMap)),
        pduPort: config.pduPort,
        secrets: config.secrets,
      },
    }),
  );
  isHeld = power.isHeld;
  const boardsOf = nodeSets(cluster, roster);
  const up = config.up === null ? null : boardsAtStart(config.up, boardsOf);
  // The port of the API is known once it listens; boards are told of it later still.
  let apiPort = config.port;
  const room = closing.add(
    await createBootRoom({
      ...{ config, cluster, registry, boardsOf, bus, clock, random, log },
      ...{ planStore: bootPlanStore(db), leases: leaseStore(db) },
      api: () => beaconUrl(config, cluster, apiPort),
    }),
  );
  const bootView = { room, roster, cluster, clock };
  const { watts } = power.outlets;
  const samplesPerSecond = (): number => ingest.counters().perSecond;
  const live = closing.add(
    createLive({
      ...{ roster, bus, clock },
      lights: () => work.lights(),
      counters: () => {
        const { done, queued } = work.counters();
        return { samplesPerSecond: samplesPerSecond(), warblesDone: done, warblesQueued: queued };
      },
    }),
  );
  const metrics = closing.add(
    createMetrics(
      roster,
      {
        samples: () => ingest.counters().stored,
        samplesPerSecond,
        commits: () => db.commits(),
        links: () => links.count(),
        viewers: () => live.viewers(),
        viewersBehind: () => live.behind(),
        warbles: () => work.counters(),
        roles: () => roles.counts(),
        watts,
      },
      (each) => {
        powerMetrics(each, power);
        return bootMetrics(each, bootView, bus);
      },
    ),
  );

  // For tools that know no Pi; what they ask goes the same way as an operator's wish.
  const desk = sequencerDesk({
    ...{ cluster, power, roster },
    halt: (board, how) => send(board, { type: "halt", ...how }),
  });
  const { version } = manifest;
  const server = closing.add(
    await startServer(
      {
        ...{ guard, limits: guard.isOpen ? loopbackLimits : httpLimits, log, version },
        api: [
          clusterRoutes({
            ...{ cluster, roster, clock, version, startedAt, samplesPerSecond, watts },
            warbles: () => work.counters(),
            bringUp: () => power.sequencer.progress(),
            lights: () => lamp.count,
          }),
          powerRoutes({ ...power, cluster, boardsOf, log, signal: ended.signal }),
          powerPlanRoutes({ power, roster, boardsOf, log }),
          powerStateRoutes({
            ...{ ...power, power, roster, cluster, clock, boardsOf },
            ...{ speed: config.speed, pricePerKwh: config.pricePerKwh },
          }),
          bootRoutes({ ...bootView, registry, boardsOf }),
          bootPlanRoutes({ plans: room.plans, bus, log }),
          boardRoutes({ roster, cluster, samples }),
          roleRoutes({ roles, boardsOf, everyBoard: () => roster.all().map(({ name }) => name), clock, log }),
          sampleRoutes({ ingest }),
          eventRoutes({ events }),
          warbleRoutes({ work }),
          lightRoutes({ work }),
          soundRoutes({ work }),
        ],
        root: [
          healthRoutes({ version, startedAt, probe: () => eventSlice.lastId() }),
          metricRoutes(metrics),
          redfishRoutes({ desk, version, log }),
          maasRoutes({ desk }),
          pageRoutes({ dir: config.pageDir }),
        ],
        upgrades: createUpgrades(
          [
            {
              ...{ path: "/api/v1/link", access: "open", maxPayloadBytes: linkServerOptions.maxPayload },
              ...{ maxSockets: linkLimits.connections, accept: links.accept },
            },
            {
              ...{ path: "/api/v1/live", access: "viewer", maxPayloadBytes: 1024 },
              ...{ maxSockets: httpLimits.viewers, accept: live.accept },
            },
          ],
          guard,
        ),
      },
      at,
    ),
  );
  apiPort = server.port;
  const head = urlOf(config.listen, server.port);
  const beacon = { bramble: 1, head: beaconUrl(config, cluster, server.port), key: null, id: headId } as const;
  closing.add(await startBeacon({ beacon, targets: beaconTargets(config, cluster), clock, log }));
  power.sequencer.resume();
  // What was under way when the head ended goes on; it is not begun a second time.
  if (up !== null && power.sequencer.live().length === 0) power.sequencer.up(up, config.up ?? "all");
  if (config.powerman !== null) {
    const door = closing.add(await startPowerman(config.powerman, { desk, clock, log }));
    log.info({ host: door.host, port: door.port }, "powerman's door is open");
  }
  log.info({ url: head, cluster: cluster.name, boards: cluster.boards.length }, "head is ready");
  return {
    url: head,
    async [Symbol.asyncDispose]() {
      ended.abort(new ClusterError("internal", "the head stops"));
      await closing[Symbol.asyncDispose]();
    },
  };
}

/** The boards of `--up`. @throws UsageError */
function boardsAtStart(set: string, boardsOf: (set: string) => readonly string[]): readonly string[] {
  try {
    return boardsOf(set);
  } catch (thrown) {
    throw new UsageError(`--up ${set}: ${messageOf(thrown)}`);
  }
}

/** Lamp pixels in use: the file may have more on the strip than are shown. */
function pixelsOf(device: Cluster["devices"][number] | undefined): number | null {
  const used = device?.settings.used;
  return typeof used === "number" ? used : (device?.count ?? null);
}
