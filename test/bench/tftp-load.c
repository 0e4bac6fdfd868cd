/*
 * A crowd of TFTP clients in one small process, so that a bench measures the server and not its clients.
 *
 *   tftp-load ADDRESS PORT CLIENTS BLOCK WINDOW TSIZE LIST
 *
 * BLOCK 0, WINDOW 0 and TSIZE 0: the option is not asked. LIST is a file with one step a line, done by each client in order:
 * `get NAME FILE` (each octet is compared with FILE), `probe NAME` (ended by "Early terminate" at the first answer),
 * `missing NAME` (an ERROR is expected). Each client has its own address, 127.21.x.y, and takes a new port for each step.
 * A silent server is asked again after 5 s, as U-Boot and Debian's tftp do. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum kind { GET, PROBE, MISSING };
struct step { enum kind kind; char name[200]; const uint8_t *bytes; size_t size; };
struct client {
  int fd, step, isConnected, tries, window, blockBytes, unacked, hasGap;
  uint32_t last; /* the last block in order, from 1 */
  double heardAt, doneAt;
  uint8_t latest[600];
  int latestLength;
};

static struct step steps[4096];
static int stepCount;
static struct client *clients;
static int clientCount, askBlock, askWindow, askSize, epollFd;
static struct sockaddr_in server;
static long resends, wrong, finished, failed;
static unsigned long long received, packets;
static double startedAt;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void readList(const char *path) {
  FILE *list = fopen(path, "r");
  char kind[20], file[1000];
  if (!list) die(path);
  while (stepCount < 4096 && fscanf(list, "%19s %199s", kind, steps[stepCount].name) == 2) {
    struct step *step = &steps[stepCount++];
    step->kind = !strcmp(kind, "get") ? GET : !strcmp(kind, "probe") ? PROBE : MISSING;
    if (step->kind != GET) continue;
    if (fscanf(list, "%999s", file) != 1) die("list");
    int fd = open(file, O_RDONLY);
    struct stat seen;
    if (fd < 0 || fstat(fd, &seen)) die(file);
    step->size = seen.st_size;
    if (seen.st_size > 0) step->bytes = mmap(0, seen.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
  }
  fclose(list);
}

static void transmit(struct client *c) {
  if (c->isConnected) send(c->fd, c->latest, c->latestLength, 0);
  else sendto(c->fd, c->latest, c->latestLength, 0, (struct sockaddr *)&server, sizeof server);
}

static void option(struct client *c, const char *name, int value) {
  c->latestLength += sprintf((char *)c->latest + c->latestLength, "%s", name) + 1;
  c->latestLength += sprintf((char *)c->latest + c->latestLength, "%d", value) + 1;
}

static void leave(struct client *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
}

static void ask(struct client *c) {
  struct sockaddr_in from = {.sin_family = AF_INET};
  int n = c - clients;
  leave(c);
  if (c->step == stepCount) {
    c->doneAt = now();
    finished++;
    return;
  }
  c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  from.sin_addr.s_addr = htonl(0x7f150000 + (n / 250) * 256 + n % 250 + 1);
  if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&from, sizeof from)) die("bind");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epollFd, EPOLL_CTL_ADD, c->fd, &event);
  c->isConnected = c->tries = c->unacked = c->hasGap = 0;
  c->last = 0;
  c->blockBytes = 512;
  c->window = 1;
  c->latest[0] = 0;
  c->latest[1] = 1;
  c->latestLength = 2;
  c->latestLength += sprintf((char *)c->latest + 2, "%s", steps[c->step].name) + 1;
  c->latestLength += sprintf((char *)c->latest + c->latestLength, "octet") + 1;
  if (askSize) option(c, "tsize", 0);
  if (askBlock) option(c, "blksize", askBlock);
  if (askWindow) option(c, "windowsize", askWindow);
  c->heardAt = now();
  transmit(c);
}

static void acknowledge(struct client *c) {
  uint8_t ack[4] = {0, 4, (c->last >> 8) & 255, c->last & 255};
  memcpy(c->latest, ack, 4);
  c->latestLength = 4;
  c->unacked = 0;
  transmit(c);
}

static void next(struct client *c) {
  c->step++;
  ask(c);
}

static void giveUp(struct client *c, const char *why) {
  if (failed++ < 5) fprintf(stderr, "client %d, %s: %s\n", (int)(c - clients), steps[c->step].name, why);
  leave(c);
}

static void terminate(struct client *c) {
  static const uint8_t early[] = "\0\5\0\0Early terminate";
  send(c->fd, early, sizeof early, 0);
  next(c);
}

static void agree(struct client *c, const uint8_t *p, int length) {
  const char *at = (const char *)p + 2, *end = (const char *)p + length;
  while (at < end) {
    const char *value = at + strlen(at) + 1;
    if (!strcmp(at, "blksize")) c->blockBytes = atoi(value);
    if (!strcmp(at, "windowsize")) c->window = atoi(value);
    at = value + strlen(value) + 1;
  }
}

/* True while the client still waits for packets at this socket. */
static int hear(struct client *c, uint8_t *p, int length) {
  struct step *step = &steps[c->step];
  packets++;
  c->heardAt = now();
  c->tries = 0;
  if (length < 4) return 1;
  if (p[1] == 5) {
    if (step->kind == MISSING) next(c);
    else {
      p[length - 1] = 0;
      giveUp(c, (char *)p + 4);
    }
    return 0;
  }
  if (step->kind == PROBE) {
    terminate(c);
    return 0;
  }
  if (p[1] == 6) {
    p[length - 1] = 0;
    if (c->last == 0) {
      agree(c, p, length);
      acknowledge(c);
    }
    return 1;
  }
  uint32_t block = (p[2] << 8) | p[3];
  if (block != ((c->last + 1) & 0xffff)) {
    /* A copy in lockstep, or a hole in the window: say once where we are. */
    if (!c->hasGap || c->window == 1) acknowledge(c);
    c->hasGap = 1;
    return 1;
  }
  size_t offset = (size_t)c->last * c->blockBytes, size = length - 4;
  if (offset + size > step->size || (size && memcmp(step->bytes + offset, p + 4, size))) wrong++;
  c->last++;
  c->hasGap = 0;
  received += size;
  if ((int)size < c->blockBytes) {
    if (offset + size != step->size) wrong++;
    acknowledge(c);
    next(c);
    return 0;
  }
  if (++c->unacked >= c->window) acknowledge(c);
  return 1;
}

static void drain(struct client *c) {
  static uint8_t buffers[32][1600];
  static struct iovec parts[32];
  static struct mmsghdr messages[32];
  static struct sockaddr_in froms[32];
  int most = c->window > 1 ? 32 : 1;
  for (int i = 0; i < most; i++) {
    parts[i] = (struct iovec){buffers[i], sizeof buffers[i]};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &froms[i], .msg_namelen = sizeof froms[i], .msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int fd = c->fd, got = recvmmsg(fd, messages, most, MSG_DONTWAIT, 0);
  if (got < 0 && errno != EAGAIN && errno != ECONNREFUSED) die("recvmmsg");
  for (int i = 0; i < got; i++) {
    if (!c->isConnected) {
      c->isConnected = 1;
      if (connect(fd, (struct sockaddr *)&froms[i], sizeof froms[i])) die("connect");
    }
    if (!hear(c, buffers[i], messages[i].msg_len)) return;
  }
}

int main(int count, char **words) {
  if (count != 8) return fprintf(stderr, "tftp-load ADDRESS PORT CLIENTS BLOCK WINDOW TSIZE LIST\n"), 2;
  server.sin_family = AF_INET;
  inet_pton(AF_INET, words[1], &server.sin_addr);
  server.sin_port = htons(atoi(words[2]));
  clientCount = atoi(words[3]);
  askBlock = atoi(words[4]);
  askWindow = atoi(words[5]);
  askSize = atoi(words[6]);
  readList(words[7]);
  clients = calloc(clientCount, sizeof *clients);
  epollFd = epoll_create1(0);
  startedAt = now();
  for (int i = 0; i < clientCount; i++) {
    clients[i].fd = -1;
    ask(&clients[i]);
  }
  double looked = startedAt;
  while (finished + failed < clientCount) {
    struct epoll_event events[256];
    int ready = epoll_wait(epollFd, events, 256, 100);
    for (int i = 0; i < ready; i++) {
      struct client *c = events[i].data.ptr;
      if (c->fd >= 0) drain(c);
    }
    double at = now();
    if (at - looked < 0.1) continue;
    looked = at;
    for (int i = 0; i < clientCount; i++) {
      struct client *c = &clients[i];
      if (c->fd < 0 || at - c->heardAt < 5) continue;
      if (++c->tries > 5) {
        giveUp(c, "the server is silent");
        continue;
      }
      c->heardAt = at;
      resends++;
      transmit(c);
    }
  }
  double first = 1e9, last = 0;
  for (int i = 0; i < clientCount; i++) {
    if (clients[i].doneAt == 0) continue;
    double took = clients[i].doneAt - startedAt;
    if (took < first) first = took;
    if (took > last) last = took;
  }
  printf("{\"seconds\":%.4f,\"firstSeconds\":%.4f,\"octets\":%llu,\"packets\":%llu,\"resends\":%ld,\"wrong\":%ld,\"finished\":%ld,\"failed\":%ld}\n",
         last, first, received, packets, resends, wrong, finished, failed);
  return 0;
}
