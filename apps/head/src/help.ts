/** What `--help` says. */
export const helpText = `bramble head --cluster FILE [flags]
The head of a cluster: powers, boots, watches and shows its boards, and gives them work.

  --cluster FILE           the cluster file, for example examples/police-box.yaml
  --up SET                 bring these boards up at the start: all, @k01, b[1-42] (default: none)
  --data DIR               where the database lives (default .bramble/head)

Who may reach it
  --listen HOST            address to listen on (default 127.0.0.1); wider than loopback needs a token
  --port N                 port to listen on (default 8880; 0 takes any free one)
  --token-file FILE        the operator's token, which may do everything; or BRAMBLE_TOKEN in the environment
  --board-token-file FILE  the boards' token, which may only report
  --beacon TARGET,…|off    where it announces itself by UDP (default: broadcast on the cluster's network)

How it switches power
  --power KIND             file: by the drivers that the cluster file names; simulated: the simulator's PDUs;
                           none: not at all (default file)
  --power-map ID=H:P,…     addresses of PDUs, before those of the file
  --secrets FILE           logins of PDUs, YAML by their id; nobody else may be able to read it (chmod 600)
  --pdu-port N             port of the simulator's PDUs (default 10023); the same for head and sim
  --price-per-kwh N        what a kilowatt-hour costs, for the cost a day (default: not shown)
  --speed N                make the waits of a bring-up N times shorter, for a simulation (default 1)
  --powerman ADDRESS:PORT  take powerman's clients there, on this machine only: 127.0.0.1:10101 (default: no)

How boards boot over the network
  --boot KIND              DIR: the images of that folder (bramble image build); simulated, simulated:full: pretended ones,
                           small or of true size, for the simulator; none: another server boots them (default none)
  --boot-listen ADDRESS    address of the boot servers (default: the cluster file's network.head; simulated: 127.0.0.1)
  --dhcp KIND              authoritative: this head gives all addresses; proxy: another server does, this head only tells
                           what to boot; off: another server does both (default authoritative)
  --dhcp-port N            default 67, simulated 6767; 67 and 69 need root or CAP_NET_BIND_SERVICE
  --tftp-port N            default 69, simulated 6969
  --boot-http-port N       default 8882; each of the three may be 0 for any free port (GET /api/v1/boot tells them)

  --page DIR               the built page (default apps/twin/dist)
  --log-level LEVEL        debug, info, warn or error (default info); the log goes to standard error

Prints one line, "ready http://HOST:PORT", when it is up. Ends with 0 after Ctrl+C or SIGTERM; with 1 when something
failed (a port that is taken, a database that cannot be opened); with 2 when a flag or the cluster file is wrong.

Examples:
  bramble head --cluster examples/desk-5.yaml
  sudo bramble head --cluster cluster.yaml --boot .bramble/images
  bramble head --cluster cluster.yaml --listen 10.0.0.1 --token-file operator.token --board-token-file board.token
`;
