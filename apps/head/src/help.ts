/** What `--help` says. */
export const helpText = `The head of a board cluster: powers, boots, watches and shows its boards, and gives them work.

  bramble head --cluster FILE [flags]

  --cluster FILE           the cluster file (required), for example examples/police-box.yaml
  --listen HOST            address to listen on (127.0.0.1); wider than loopback needs a token
  --port N                 port to listen on (8880; 0 takes any free one)
  --data DIR               where the database lives (.bramble/head)
  --token-file FILE        operator token; or BRAMBLE_TOKEN in the environment
  --board-token-file FILE  token of the boards' links and reports
  --power KIND             simulated, file (the drivers of the cluster file) or none (file)
  --power-map ID=H:P,…     addresses of PDUs, before those of the file
  --pdu-port N             port of the simulator's PDUs (10023); as the simulator's flag of that name
  --up SET                 bring these boards up at the start: all, @k01, b[1-42]
  --speed N                make the waits of a bring-up N times shorter (1)
  --beacon TARGET,…|off    where beacons go (the cluster network's broadcast address)
  --page DIR               the built page (apps/twin/dist)
  --log-level LEVEL        debug, info, warn or error (info); the log goes to standard error

Prints one line "ready http://HOST:PORT" on standard output. Ends with 0 after SIGINT or SIGTERM, 1 when something
failed (a port that is taken, a file that cannot be read), 2 when a flag or the cluster file is wrong.

Example:  bramble head --cluster examples/desk-5.yaml --listen 0.0.0.0 --token-file /etc/bramble/token
`;
