/** Where things listen unless told otherwise. */
export const ports = { head: 8880, agent: 8881, simControl: 8883, beacon: 3333, pdu: 10023 } as const;
