/* libcurl and nothing else: its multi interface driven by epoll, requests over kept connections.
 *
 * Usage: raw URL CONCURRENCY SECONDS once|anew [stream]
 *   once: each handle keeps its settings. anew: every request resets its handle and sets everything again, as a client
 *   must whose requests differ.
 * Prints one line of JSON; CPU is user and system time of this process. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct transfer {
  CURL *easy;
  char *reply;
  size_t count, capacity;
  double started;
};

static const char whole[] =
    "{\"model\":\"bench\",\"max_completion_tokens\":64,\"messages\":[{\"role\":\"system\",\"content\":\"Answer in one "
    "word.\"},{\"role\":\"user\",\"content\":\"Is the sky blue on a clear day?\"}]}";
static const char streamed[] =
    "{\"model\":\"bench\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_completion_tokens\":64,"
    "\"messages\":[{\"role\":\"system\",\"content\":\"Answer in one word.\"},{\"role\":\"user\",\"content\":\"Is the sky "
    "blue on a clear day?\"}]}";

static int queue;
static double due = -1;
static const char *url, *body;
static struct curl_slist *lines;
static int is_anew;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double processor_time(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context) {
  (void)easy, (void)context, (void)socket_context;
  struct epoll_event event = {.data.fd = socket};
  if (what == CURL_POLL_REMOVE) return epoll_ctl(queue, EPOLL_CTL_DEL, socket, NULL), 0;
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(queue, EPOLL_CTL_MOD, socket, &event)) epoll_ctl(queue, EPOLL_CTL_ADD, socket, &event);
  return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *context) {
  (void)multi, (void)context;
  due = milliseconds < 0 ? -1 : now() + 1e-3 * (double)milliseconds;
  return 0;
}

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size *= count;
  if (transfer->count + size > transfer->capacity) {
    transfer->capacity = 2 * (transfer->count + size);
    transfer->reply = realloc(transfer->reply, transfer->capacity);
    if (!transfer->reply) return 0;
  }
  memcpy(transfer->reply + transfer->count, bytes, size);
  transfer->count += size;
  return size;
}

static void prepare(struct transfer *transfer) {
  CURL *easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

static void start(CURLM *multi, struct transfer *transfer) {
  if (is_anew) {
    curl_easy_reset(transfer->easy);
    prepare(transfer);
  }
  transfer->count = 0;
  transfer->started = now();
  curl_multi_add_handle(multi, transfer->easy);
}

static int ascending(const void *left, const void *right) {
  float a = *(const float *)left, b = *(const float *)right;
  return (a > b) - (a < b);
}

int main(int count, char **arguments) {
  if (count < 5) return fputs("usage: raw URL CONCURRENCY SECONDS once|anew [stream]\n", stderr), 64;
  url = arguments[1];
  int concurrency = atoi(arguments[2]);
  double seconds = atof(arguments[3]);
  is_anew = !strcmp(arguments[4], "anew");
  int is_stream = count > 5;
  body = is_stream ? streamed : whole;
  lines = curl_slist_append(NULL, "Content-Type: application/json");
  lines = curl_slist_append(lines, is_stream ? "Accept: text/event-stream" : "Accept: application/json");
  lines = curl_slist_append(lines, "Authorization: Bearer none");
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  queue = epoll_create1(EPOLL_CLOEXEC);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)concurrency + 16);

  struct transfer *transfers = calloc((size_t)concurrency, sizeof *transfers);
  size_t capacity = 1 << 20, requests = 0, connecting = 0;
  float *latencies = malloc(capacity * sizeof *latencies);
  if (!transfers || !latencies) return 1;
  for (int i = 0; i < concurrency; i++) {
    transfers[i].easy = curl_easy_init();
    prepare(&transfers[i]);
    start(multi, &transfers[i]);
  }
  /* What comes before every connection has answered a few times is not counted. */
  size_t warm = 200 + 2 * (size_t)concurrency;
  double began = 0, used = 0, end = 0;
  int running = concurrency, is_over = 0;
  while (running) {
    double left = due < 0 ? 1 : due - now();
    struct epoll_event ready[256];
    int found = epoll_wait(queue, ready, 256, left <= 0 ? 0 : (int)(1e3 * left + 0.999));
    int unused;
    for (int i = 0; i < found; i++) {
      int what = 0;
      if (ready[i].events & EPOLLIN) what |= CURL_CSELECT_IN;
      if (ready[i].events & EPOLLOUT) what |= CURL_CSELECT_OUT;
      if (ready[i].events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
      curl_multi_socket_action(multi, ready[i].data.fd, what, &unused);
    }
    if (due >= 0 && due <= now()) {
      due = -1;
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &unused);
    }
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &unused))) {
      CURL *easy = message->easy_handle;
      CURLcode code = message->data.result;
      long status = 0;
      struct transfer *transfer;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      curl_multi_remove_handle(multi, easy);
      if (code != CURLE_OK || status != 200 || transfer->count < 200) {
        fprintf(stderr, "raw: %s, status %ld, %zu bytes\n", curl_easy_strerror(code), status, transfer->count);
        return 1;
      }
      double time = now();
      if (began > 0 && !is_over) {
        if (requests == capacity) {
          latencies = realloc(latencies, (capacity *= 2) * sizeof *latencies);
          if (!latencies) return 1;
        }
        latencies[requests++] = (float)(1e6 * (time - transfer->started));
        if (time >= began + seconds) {
          is_over = 1;
          used = processor_time() - used;
          end = time;
        }
      } else if (!is_over && ++connecting == warm) {
        began = time;
        used = processor_time();
      }
      if (is_over) {
        running--;
      } else {
        start(multi, transfer);
      }
    }
  }
  qsort(latencies, requests, sizeof *latencies, ascending);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf(
      "{\"requests\":%zu,\"seconds\":%.3f,\"cpuMicroseconds\":%.2f,\"p50\":%.1f,\"p99\":%.1f,\"peakMegabytes\":%.1f}\n",
      requests, end - began, 1e6 * used / (double)requests, (double)latencies[requests / 2],
      (double)latencies[requests * 99 / 100], (double)usage.ru_maxrss / 1e3);
  return 0;
}
