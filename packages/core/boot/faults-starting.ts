import type { Fault } from "./faults.ts";

/** From the initial RAM disk to the agent: the system starts. And of a board that was up. */
export const faultsOfStarting: readonly Fault[] = [
  {
    id: "initrd-missing",
    when: "stopped",
    steps: ["initrd"],
    test: ({ files }) =>
      files.some(({ step, outcome, isRead }) => step === "initrd" && outcome === "missing" && !isRead),
    cause: () => "The initial RAM disk that config.txt names is not in the image.",
    advice: () => "Build the image anew; kernel and RAM disk belong together.",
    source: "Raspberry Pi documentation, config.txt",
  },
  {
    id: "initrd-cut",
    when: "stopped",
    steps: ["initrd"],
    test: ({ steps }) => steps.initrd.percent !== null && steps.initrd.percent < 100,
    cause: ({ steps }) => `It has ${steps.initrd.percent} % of the initial RAM disk, then stopped taking blocks.`,
    advice: () =>
      "Change its cable, then its port. If all boards stop at the same place, the file is larger than the loader can count: 65,535 blocks before the EEPROM of September 2025.",
    source: "raspberrypi/rpi-eeprom issues 375, 754",
  },
  {
    id: "root-not-sought",
    when: "stopped",
    steps: ["initrd"],
    test: ({ isKernelHeard }) => isKernelHeard,
    cause: () => "Its kernel runs and has an address; its initial RAM disk did not ask for the root.",
    advice: () =>
      "Look at its command line (`bramble boot show BOARD`): does the address of the root name this head, and can the board reach it?",
    source: "live-boot(7)",
  },
  {
    id: "kernel-silent",
    when: "stopped",
    steps: ["initrd"],
    test: () => true,
    cause: () =>
      "It has kernel and initial RAM disk; since then nothing was heard: the kernel does not start, or has no driver for the network.",
    advice: () =>
      "Look at its screen or serial console. Do kernel, device tree and RAM disk come from one image, and has the RAM disk the driver of its network card (Pi 3: lan78xx, smsc95xx)?",
    source: "initramfs-tools(7)",
  },
  {
    id: "root-missing",
    when: "stopped",
    steps: ["root"],
    test: ({ files }) => files.some(({ step, outcome, isRead }) => step === "root" && outcome === "missing" && !isRead),
    cause: () => "It asked for its root file system, and its image has none of that name.",
    advice: () => "Build the image anew, and see that its plan in image.json names a root that is there.",
    source: "what the servers saw",
  },
  {
    id: "root-cut",
    when: "stopped",
    steps: ["root"],
    test: ({ steps }) => steps.root.percent !== null && steps.root.percent < 100,
    cause: ({ steps }) => `It has ${steps.root.percent} % of its root file system; then the transfer broke off.`,
    advice: () =>
      "Can it reach the head's HTTP boot port (8882) all the time, and has it enough memory to hold the root? With NFS: does the export answer (`showmount -e HEAD`)?",
    source: "what the servers saw",
  },
  {
    id: "agent-not-started",
    when: "stopped",
    steps: ["root", "agent"],
    test: ({ at }) => at === "root",
    cause: () =>
      "Its root is there, and no agent came: the system did not finish starting, or the agent's service failed.",
    advice: () =>
      "On the board: `systemctl status bramble-agent` and `journalctl -b -u bramble-agent`. Is its clock right, and does it reach the head's port?",
    source: "systemd.service(5)",
  },
  {
    id: "agent-refused",
    when: "stopped",
    steps: ["agent", "registered"],
    test: () => true,
    cause: () => "Its agent runs and did not register with this head.",
    advice: () =>
      "The agent's log says why: a wrong token, a head that it cannot reach, or two boards with one MAC. `bramble board BOARD` tells what the head thinks.",
    source: "docs/protocols/link.md",
  },
  {
    id: "warm-reboot",
    when: "gone",
    steps: null,
    test: () => true,
    cause: () => "It was up, went away with its power on, and has not asked to boot since.",
    advice: () =>
      "If it was restarted, it hangs there: a warm reboot of a 3B+ can fail where a cold start works. Cycle its power.",
    source: "raspberrypi/firmware issue 987",
  },
];
