/* A provider of fixed answers: HTTP/1.1 with keep-alive, one thread, epoll.
 *
 * POST .../chat/completions                 a chat completion, or a stream if the body holds "stream":true
 * POST .../chunks/N/chat/completions        the same; a stream has N pieces of text
 * POST .../slow/chat/completions            a stream of one piece of text a second without end
 * POST .../flood/chat/completions           a stream without end, as fast as it is taken
 * GET  /stats                               the bytes handed to the system so far, pieces of slow streams, streams open
 *
 * Usage: server PORT (0 for any; the address is printed). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 1 << 16, MAX_REQUEST = 8 << 20, MAX_CHUNKS = 100000, SLICES = 10 };

enum endless { NOT_ENDLESS, SLOW, FLOOD };

struct connection {
  char *in;
  size_t in_count, in_capacity;
  const char *out;
  size_t out_count;
  enum endless endless;
  int waits_for_room;
  char scratch[256];
};

static struct connection *connections[MAX_DESCRIPTORS];
static int queue;
static uint64_t bytes_sent, slow_pieces;
static long streams_open;

static const char completion_body[] =
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1790000000,\"model\":\"bench\",\"choices\":[{"
    "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Yes.\"},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":2,\"total_tokens\":22}}";
static char completion[1024];
static size_t completion_count;

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
static char piece[512];
static size_t piece_count;
/* Sixty-four pieces at once, for a flood. */
static char *flood;
static size_t flood_count;

static void *checked(void *memory) {
  if (!memory) {
    fputs("server: out of memory\n", stderr);
    exit(1);
  }
  return memory;
}

/* One event as one chunk of the transfer encoding. */
static size_t chunk(char *to, const char *data) {
  return (size_t)sprintf(to, "%zx\r\ndata: %s\n\n\r\n", strlen(data) + 8, data);
}

static size_t delta(char *to, const char *delta, const char *finish) {
  char text[512];
  snprintf(text, sizeof text,
           "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"bench\","
           "\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}",
           delta, finish);
  return chunk(to, text);
}

/* A whole stream of `count` pieces of text; the few lengths that occur are kept. */
static const char *stream_of(int count, size_t *bytes) {
  static struct { int count; size_t bytes; char *text; } known[16];
  int at = 0;
  while (at < 15 && known[at].text && known[at].count != count) at++;
  if (!known[at].text || known[at].count != count) {
    free(known[at].text);
    char *text = checked(malloc(4096 + (size_t)count * 512));
    size_t end = (size_t)sprintf(text, "%s", stream_head);
    end += delta(text + end, "{\"role\":\"assistant\",\"content\":\"\"}", "null");
    for (int i = 0; i < count; i++) end += delta(text + end, "{\"content\":\" word\"}", "null");
    end += delta(text + end, "{}", "\"stop\"");
    end += chunk(text + end,
                 "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"bench\","
                 "\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":100,\"total_tokens\":120}}");
    end += chunk(text + end, "[DONE]");
    end += (size_t)sprintf(text + end, "0\r\n\r\n");
    known[at].count = count;
    known[at].bytes = end;
    known[at].text = text;
  }
  *bytes = known[at].bytes;
  return known[at].text;
}

static void drop(int fd) {
  struct connection *c = connections[fd];
  if (c->endless != NOT_ENDLESS) streams_open--;
  connections[fd] = NULL;
  free(c->in);
  free(c);
  close(fd);
}

static void wait_for_room(int fd, int room) {
  if (connections[fd]->waits_for_room == room) return;
  connections[fd]->waits_for_room = room;
  struct epoll_event event = {.events = EPOLLIN | (room ? EPOLLOUT : 0), .data.fd = fd};
  epoll_ctl(queue, EPOLL_CTL_MOD, fd, &event);
}

/* Sends what is pending. Returns 0 if the connection is gone. */
static int push(int fd) {
  struct connection *c = connections[fd];
  for (;;) {
    while (c->out_count) {
      ssize_t sent = send(fd, c->out, c->out_count, MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        wait_for_room(fd, 1);
        return 1;
      }
      if (sent < 0) {
        drop(fd);
        return 0;
      }
      bytes_sent += (uint64_t)sent;
      c->out += sent;
      c->out_count -= (size_t)sent;
    }
    if (c->endless != FLOOD) break;
    c->out = flood;
    c->out_count = flood_count;
  }
  wait_for_room(fd, 0);
  return 1;
}

static int asks_for_stream(const char *body, size_t count) {
  const char *key = memmem(body, count, "\"stream\"", 8);
  if (!key) return 0;
  const char *end = body + count;
  for (key += 8; key < end && (*key == ' ' || *key == ':'); key++) {}
  return end - key >= 4 && !memcmp(key, "true", 4);
}

static void answer(struct connection *c, const char *head, const char *body, size_t body_count) {
  const char *line_end = strchr(head, '\r');
  char line[512];
  snprintf(line, sizeof line, "%.*s", (int)(line_end - head), head);
  c->out_count = 0;
  if (!strncmp(line, "GET /stats", 10)) {
    char text[160];
    int count = snprintf(text, sizeof text, "{\"bytes\":%llu,\"pieces\":%llu,\"streams\":%ld}",
                         (unsigned long long)bytes_sent, (unsigned long long)slow_pieces, streams_open);
    c->out = c->scratch;
    c->out_count = (size_t)snprintf(c->scratch, sizeof c->scratch,
                                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                                    count, text);
  } else if (strncmp(line, "POST ", 5) || !strstr(line, "/chat/completions")) {
    c->out = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    c->out_count = strlen(c->out);
  } else if (strstr(line, "/slow/") || strstr(line, "/flood/")) {
    c->endless = strstr(line, "/slow/") ? SLOW : FLOOD;
    streams_open++;
    c->out = stream_head;
    c->out_count = sizeof stream_head - 1;
  } else if (asks_for_stream(body, body_count)) {
    const char *stated = strstr(line, "/chunks/");
    int count = stated ? atoi(stated + 8) : 100;
    c->out = stream_of(count < 0 ? 0 : count > MAX_CHUNKS ? MAX_CHUNKS : count, &c->out_count);
  } else {
    c->out = completion;
    c->out_count = completion_count;
  }
}

/* Takes whole requests out of what was read. Returns 0 if the connection is gone. */
static int take(int fd) {
  struct connection *c = connections[fd];
  while (c->in_count && !c->out_count && c->endless == NOT_ENDLESS) {
    c->in[c->in_count] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return 1;
    size_t head = (size_t)(end - c->in) + 4, body = 0;
    end[2] = 0;
    const char *length = strcasestr(c->in, "\r\ncontent-length:");
    if (length) body = strtoul(length + 17, NULL, 10);
    int is_chunked = strcasestr(c->in, "\r\ntransfer-encoding:") != NULL;
    end[2] = '\r';
    if (is_chunked || head + body > MAX_REQUEST) {
      fputs("server: a request of unknown length, or too long\n", stderr);
      drop(fd);
      return 0;
    }
    if (c->in_count < head + body) return 1;
    answer(c, c->in, c->in + head, body);
    memmove(c->in, c->in + head + body, c->in_count - head - body);
    c->in_count -= head + body;
    if (!push(fd)) return 0;
  }
  return 1;
}

static void readable(int fd) {
  struct connection *c = connections[fd];
  for (;;) {
    if (c->in_count + 1 >= c->in_capacity) {
      if (c->in_capacity > MAX_REQUEST) return drop(fd);
      c->in_capacity = c->in_capacity ? 2 * c->in_capacity : 2048;
      c->in = checked(realloc(c->in, c->in_capacity));
    }
    size_t room = c->in_capacity - c->in_count - 1;
    ssize_t count = recv(fd, c->in + c->in_count, room, 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) return drop(fd);
    c->in_count += (size_t)count;
    if (!take(fd)) return;
    if ((size_t)count < room) return;
  }
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (fd >= MAX_DESCRIPTORS) {
      close(fd);
      continue;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[fd] = checked(calloc(1, sizeof *connections[fd]));
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
  }
}

/* A tenth of the slow streams at a time, so that their pieces are spread over the second. */
static void tick(int timer) {
  static int slice;
  uint64_t times;
  if (read(timer, &times, sizeof times) != sizeof times) return;
  for (; times; times--, slice = (slice + 1) % SLICES) {
    for (int fd = slice; fd < MAX_DESCRIPTORS; fd += SLICES) {
      struct connection *c = connections[fd];
      if (!c || c->endless != SLOW || c->out_count) continue;
      c->out = piece;
      c->out_count = piece_count;
      slow_pieces++;
      push(fd);
    }
  }
}

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);

  completion_count = (size_t)snprintf(
      completion, sizeof completion,
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", sizeof completion_body - 1,
      completion_body);
  piece_count = delta(piece, "{\"content\":\" word\"}", "null");
  flood_count = 64 * piece_count;
  flood = checked(malloc(flood_count));
  for (int i = 0; i < 64; i++) memcpy(flood + (size_t)i * piece_count, piece, piece_count);

  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(count > 1 ? (uint16_t)atoi(arguments[1]) : 0)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16384)) {
    perror("server");
    return 1;
  }
  socklen_t size = sizeof address;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);

  queue = epoll_create1(EPOLL_CLOEXEC);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct itimerspec every = {{0, 1000000000 / SLICES}, {0, 1000000000 / SLICES}};
  timerfd_settime(timer, 0, &every, NULL);
  int own[] = {listener, timer};
  for (int i = 0; i < 2; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = own[i]};
    epoll_ctl(queue, EPOLL_CTL_ADD, own[i], &event);
  }
  struct epoll_event ready[256];
  for (;;) {
    int found = epoll_wait(queue, ready, 256, -1);
    for (int i = 0; i < found; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) {
        accept_all(listener);
      } else if (fd == timer) {
        tick(timer);
      } else if (connections[fd]) {
        if (ready[i].events & EPOLLOUT && (!push(fd) || !take(fd))) continue;
        if (ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) readable(fd);
      }
    }
  }
}
