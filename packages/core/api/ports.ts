/** Where things listen unless told otherwise. */
export const ports = { head: 8880, agent: 8881, simControl: 8883, beacon: 3333, pdu: 10023 } as const;

/** Where the boot servers listen; in a simulation DHCP and TFTP at ports that need no rights. */
export const bootPorts = {
  real: { dhcp: 67, tftp: 69, http: 8882 },
  simulated: { dhcp: 6767, tftp: 6969, http: 8882 },
} as const;
