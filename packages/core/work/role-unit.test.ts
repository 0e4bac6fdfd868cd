import { expect, test } from "vitest";
import { faultOfUnit } from "./role-unit.ts";

const units = [{ name: "worker.service" }, { name: "worker.timer" }, { name: "other.service" }];
const role = { id: "worker", isRoot: false, units };

test("an ordinary service and an ordinary timer are fine", () => {
  const service = `# counts
[Unit]
Description=Counts; slowly
After=network-online.target
Wants=network-online.target other.service

[Service]
Type=exec
User=bramble
Environment="A=1"
EnvironmentFile=-/etc/bramble/roles/worker/env
ExecStart=-/opt/bramble/worker/count --to 10
ExecStart=
Restart=on-failure
Nice=5
StateDirectory=bramble-worker-data
StandardOutput=journal

[Install]
WantedBy=multi-user.target
`;
  expect(faultOfUnit(role, { name: "worker.service", text: service })).toBeNull();
  expect(faultOfUnit(role, { name: "worker.timer", text: "[Timer]\nOnBootSec=1min\n" })).toBeNull();
  expect(faultOfUnit(role, { name: "other.timer", text: "[Timer]\nUnit=worker.service" })).toBeNull();
});

test.each([
  ["a program as root", "[Service]\nExecStartPre=+/bin/sh", "line 2: only a root role may say ExecStartPre=+/bin/sh"],
  ["the same behind another prefix", "[Service]\nExecStart=-+/bin/sh", "ExecStart"],
  ["the same in quotes", '[Service]\nExecStart="+/bin/sh"', "ExecStart"],
  ["the same behind a semicolon", "[Service]\nExecStart=/bin/true ; +/bin/sh", "ExecStart"],
  ["the same in the next line", "[Service]\nExecStart=/bin/true \\\n ; +/bin/sh", "go on in the next line"],
  ["another user", "[Service]\nUser=root", "User=root"],
  ["another group", "[Service]\nGroup=shadow", "Group=shadow"],
  ["more groups", "[Service]\nSupplementaryGroups=disk", "SupplementaryGroups in [Service]"],
  ["capabilities", "[Service]\nAmbientCapabilities=CAP_SYS_ADMIN", "AmbientCapabilities in [Service]"],
  ["output that root opens", "[Service]\nStandardOutput=file:/etc/passwd", "StandardOutput"],
  ["variables that root reads", "[Service]\nEnvironmentFile=/etc/shadow", "EnvironmentFile"],
  ["the same by a way back", "[Service]\nEnvironmentFile=/etc/bramble/roles/worker/../../../shadow", "EnvironmentFile"],
  ["a folder of somebody else", "[Service]\nRuntimeDirectory=systemd", "RuntimeDirectory=systemd"],
  ["a folder of another role", "[Service]\nStateDirectory=bramble-workers", "StateDirectory=bramble-workers"],
  ["a haste that others pay for", "[Service]\nNice=-20", "Nice=-20"],
  ["the end of everything", "[Unit]\nFailureAction=poweroff", "FailureAction in [Unit]"],
  ["the end of another", "[Unit]\nConflicts=ssh.service", "Conflicts in [Unit]"],
  ["somebody else's unit", "[Unit]\nRequires=debug-shell.service", "Requires=debug-shell.service"],
  ["a section that is none", "[Socket]\nListenStream=22", "ListenStream in [Socket]"],
  ["a line that is none", "[Service]\nthis is no line", '"this is no line" in [Service]'],
  ["a key before any section", "User=bramble", "User in []"],
  ["a NUL", "[Service]\u0000", "a unit is text"],
])("%s is told", (_, text, says) => {
  expect(faultOfUnit(role, { name: "worker.service", text })).toContain(says);
});

test("a timer starts a service of its role only", () => {
  expect(faultOfUnit(role, { name: "ssh.timer", text: "[Timer]\nOnBootSec=1" })).toContain(
    "ssh.service, which it starts",
  );
  expect(faultOfUnit(role, { name: "worker.timer", text: "[Timer]\nUnit=ssh.service" })).toContain("Unit=ssh.service");
});

test("sockets, templates and instances are for root roles, which may say anything", () => {
  expect(faultOfUnit(role, { name: "a.socket", text: "" })).toContain("bring a .socket");
  expect(faultOfUnit(role, { name: "getty@tty1.service", text: "" })).toContain("template or an instance");
  const root = { ...role, isRoot: true };
  expect(faultOfUnit(root, { name: "a.socket", text: "[Socket]\nListenStream=22" })).toBeNull();
  expect(faultOfUnit(root, { name: "worker.service", text: "[Service]\nExecStart=+/bin/sh" })).toBeNull();
});
