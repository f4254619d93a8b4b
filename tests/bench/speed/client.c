/* A load generator that costs less than what it measures: one thread, epoll, no masking work.
 *
 * usage: client MODE HOST PORT CONNECTIONS WARMUP SECONDS WINDOW PATHS BODY HEADERS
 *
 * MODE     ws    send frames {"id":n, BODY, keep WINDOW of them unanswered per socket
 *          sio   the same as socket.io events with acknowledgements
 *          http  POST BODY again and again on each connection
 *          hear  receive only; frames carry "at":<CLOCK_MONOTONIC ns>
 *          hearsio  the same of socket.io
 *          deaf  connect, then never read
 * PATHS, BODY, HEADERS are files (one path a line, used in turn; headers end with CRLF each).
 *
 * Prints START when all are connected and warm, STOP after SECONDS, then one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum mode { WS, SIO, HTTP, HEAR, HEARSIO, DEAF };
enum { RING = 64, IN_SIZE = 1 << 16, MOST_SAMPLES = 4000000 };

typedef struct {
    int fd, open, ready, in_used, out_used, out_sent, out_size, watched, shaking;
    uint64_t sent, acked, sent_at[RING];
    char *in, *out;
} conn;

static enum mode mode;
static int epoll_fd, window, connections, opened, closed, refused, measuring;
static char **paths, *body, *headers;
static size_t body_size;
static uint64_t answered, errors, sample_count, acks_seen;
static double *samples;
static char first_error[400];

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static char *slurp(const char *name, size_t *size) {
    FILE *f = fopen(name, "rb");
    if (!f) { perror(name); exit(2); }
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *data = malloc((size_t)n + 1);
    if (fread(data, 1, (size_t)n, f) != (size_t)n) exit(2);
    data[n] = 0;
    fclose(f);
    if (size) *size = (size_t)n;
    return data;
}

static void sample(uint64_t since) {
    if (measuring && sample_count < MOST_SAMPLES)
        samples[sample_count++] = (double)(now_ns() - since) / 1e6;
}

static void note_error(const char *text, size_t n) {
    errors++;
    if (!first_error[0]) {
        size_t keep = n < sizeof first_error - 1 ? n : sizeof first_error - 1;
        for (size_t i = 0; i < keep; i++) first_error[i] = text[i] == '"' || text[i] == '\\' || text[i] < 32 ? '\'' : text[i];
    }
}

static void watch(conn *c, int writing) {
    if (c->watched == writing) return;
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
    c->watched = writing;
}

static void drop(conn *c) {
    if (!c->open) return;
    c->open = 0;
    closed++;
    close(c->fd);
}

static void flush(conn *c) {
    while (c->out_sent < c->out_used) {
        ssize_t n = send(c->fd, c->out + c->out_sent, (size_t)(c->out_used - c->out_sent), MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) { watch(c, 1); return; }
            drop(c);
            return;
        }
        c->out_sent += (int)n;
    }
    c->out_used = c->out_sent = 0;
    watch(c, 0);
}

static char *room(conn *c, size_t n) {
    if ((size_t)c->out_used + n > (size_t)c->out_size) {
        c->out_size = (int)((size_t)c->out_used + n) * 2;
        c->out = realloc(c->out, (size_t)c->out_size);
    }
    return c->out + c->out_used;
}

/* A client must mask; a mask of zeros leaves the bytes as they are. */
static void put_frame(conn *c, int opcode, const char *head, size_t head_n, const char *tail, size_t tail_n) {
    size_t n = head_n + tail_n;
    unsigned char *p = (unsigned char *)room(c, n + 14);
    size_t i = 0;
    p[i++] = (unsigned char)(0x80 | opcode);
    if (n < 126) p[i++] = (unsigned char)(0x80 | n);
    else { p[i++] = 0x80 | 126; p[i++] = (unsigned char)(n >> 8); p[i++] = (unsigned char)n; }
    memset(p + i, 0, 4);
    i += 4;
    memcpy(p + i, head, head_n);
    memcpy(p + i + head_n, tail, tail_n);
    c->out_used += (int)(i + n);
}

static void put_request(conn *c) {
    char *p = room(c, body_size + strlen(headers) + 600);
    int n = sprintf(p, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sContent-Length: %zu\r\n\r\n", paths[0], headers, body_size);
    memcpy(p + n, body, body_size);
    c->out_used += n + (int)body_size;
}

static void send_more(conn *c) {
    char head[64];
    while (c->ready && c->open && c->sent - c->acked < (uint64_t)window) {
        c->sent++;
        c->sent_at[c->sent % RING] = now_ns();
        if (mode == HTTP) put_request(c);
        else {
            int n = mode == WS ? sprintf(head, "{\"id\":%llu,", (unsigned long long)c->sent)
                               : sprintf(head, "42%llu[\"s\",{\"id\":%llu,", (unsigned long long)c->sent, (unsigned long long)c->sent);
            put_frame(c, 1, head, (size_t)n, body, body_size);
        }
    }
    if (c->open) flush(c);
}

static void acked_up_to(conn *c, uint64_t n) {
    if (n > c->sent || n <= c->acked) return;
    for (uint64_t k = c->acked + 1; k <= n; k++) sample(c->sent_at[k % RING]);
    answered += n - c->acked;
    acks_seen++;
    c->acked = n;
}

static void become_ready(conn *c) {
    if (!c->ready) { c->ready = 1; opened++; }
}

static void on_text(conn *c, char *text, size_t n) {
    char kept = text[n];
    text[n] = 0;
    if (mode == SIO || mode == HEARSIO) {
        if (text[0] == '2' && n == 1) put_frame(c, 1, "3", 1, "", 0);
        else if (text[0] == '0') put_frame(c, 1, "40", 2, "", 0);
        else if (text[0] == '4' && text[1] == '0') become_ready(c);
        else if (text[0] == '4' && text[1] == '3') acked_up_to(c, strtoull(text + 2, 0, 10));
    } else if (!memcmp(text, "{\"a\":", 5)) acked_up_to(c, strtoull(text + 5, 0, 10));
    else if (n > 8 && !memcmp(text, "{\"error\"", 8)) note_error(text, n);
    if (mode == HEAR || mode == HEARSIO) {
        char *at = strstr(text, "\"at\":");
        if (at) {
            answered++;
            while (*at && (*at < '0' || *at > '9')) at++;
            sample(strtoull(at, 0, 10));
        }
    }
    text[n] = kept;
}

/* Returns how many bytes of the buffer were one whole message, 0 for not yet. */
static size_t one_frame(conn *c) {
    unsigned char *p = (unsigned char *)c->in;
    size_t have = (size_t)c->in_used, at = 2, n;
    if (have < 2) return 0;
    n = p[1] & 0x7f;
    if (n == 126) { if (have < 4) return 0; n = (size_t)p[2] << 8 | p[3]; at = 4; }
    else if (n == 127) { fprintf(stderr, "a frame is too large\n"); exit(2); }
    if (have < at + n) return 0;
    int opcode = p[0] & 0x0f;
    if (opcode == 1) on_text(c, c->in + at, n);
    else if (opcode == 9) put_frame(c, 10, c->in + at, n, "", 0);
    else if (opcode == 8) drop(c);
    return at + n;
}

static size_t one_answer(conn *c) {
    c->in[c->in_used] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return 0;
    char *length = strcasestr(c->in, "content-length:");
    size_t n = length && length < end ? strtoul(length + 15, 0, 10) : 0;
    size_t whole = (size_t)(end + 4 - c->in) + n;
    if ((size_t)c->in_used < whole) return 0;
    if (memcmp(c->in + 9, "202", 3)) note_error(c->in, whole < 300 ? whole : 300);
    acked_up_to(c, c->acked + 1);
    return whole;
}

static size_t handshake(conn *c) {
    c->in[c->in_used] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return 0;
    if (memcmp(c->in + 9, "101", 3)) { refused++; note_error(c->in, 120); drop(c); return 0; }
    if (mode != SIO && mode != HEARSIO) become_ready(c);
    c->shaking = 0;
    return (size_t)(end + 4 - c->in);
}

static void receive(conn *c) {
    for (;;) {
        ssize_t n = recv(c->fd, c->in + c->in_used, (size_t)(IN_SIZE - 1 - c->in_used), 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) { drop(c); return; }
        if (n < 0) break;
        c->in_used += (int)n;
        size_t used = 0;
        char *start = c->in;
        while (c->open) {
            size_t took = mode == HTTP ? one_answer(c) : c->shaking ? handshake(c) : one_frame(c);
            if (!took) break;
            used += took;
            c->in += took;
            c->in_used -= (int)took;
        }
        c->in = start;
        if (!c->open) return;
        memmove(c->in, c->in + used, (size_t)c->in_used);
        if (mode == DEAF && c->ready) return;
    }
    if (mode == WS || mode == SIO || mode == HTTP) send_more(c);
    else if (c->out_used) flush(c);
}

static void start(conn *c, int index, const char *host, int port) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, host, &a.sin_addr);
    if (mode == DEAF) { int small = 4096; setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small); }
    if (connect(c->fd, (struct sockaddr *)&a, sizeof a)) { perror("connect"); exit(2); }
    int yes = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->in = malloc(IN_SIZE);
    c->out_size = 4096;
    c->out = malloc((size_t)c->out_size);
    c->open = 1;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e);
    if (mode == HTTP) { become_ready(c); return; }
    c->shaking = 1;
    int count = 0;
    while (paths[count]) count++;
    char *p = room(c, strlen(headers) + 4096);
    c->out_used = sprintf(p, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
                          paths[index % count], port, headers);
    if (send(c->fd, c->out, (size_t)c->out_used, MSG_NOSIGNAL) != c->out_used) exit(2);
    c->out_used = 0;
}

static void turn(uint64_t until) {
    struct epoll_event events[256];
    while (now_ns() < until) {
        int n = epoll_wait(epoll_fd, events, 256, 5);
        for (int i = 0; i < n; i++) {
            conn *c = events[i].data.ptr;
            if (!c->open) continue;
            if (mode == DEAF && c->ready) {
                struct epoll_event e = {.events = 0, .data.ptr = c};
                epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
                continue;
            }
            if (events[i].events & EPOLLOUT) flush(c);
            if (c->open && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
        }
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double quantile(double q) {
    return sample_count ? samples[(size_t)(q * (double)(sample_count - 1))] : -1;
}

int main(int argc, char **argv) {
    if (argc != 11) { fprintf(stderr, "11 arguments are needed\n"); return 2; }
    const char *names[] = {"ws", "sio", "http", "hear", "hearsio", "deaf"};
    for (int i = 0; i < 6; i++) if (!strcmp(argv[1], names[i])) mode = (enum mode)i;
    int port = atoi(argv[3]);
    connections = atoi(argv[4]);
    double warmup = atof(argv[5]), seconds = atof(argv[6]);
    window = atoi(argv[7]);
    char *list = slurp(argv[8], 0);
    paths = calloc(100002, sizeof *paths);
    int count = 0;
    for (char *p = strtok(list, "\n"); p && count < 100000; p = strtok(0, "\n")) paths[count++] = p;
    body = slurp(argv[9], &body_size);
    headers = slurp(argv[10], 0);
    samples = malloc(MOST_SAMPLES * sizeof *samples);
    epoll_fd = epoll_create1(0);
    conn *all = calloc((size_t)connections, sizeof *all);
    for (int i = 0; i < connections; i++) {
        start(&all[i], i, argv[2], port);
        if (i % 20 == 19) turn(now_ns() + 2000000);
    }
    uint64_t patience = now_ns() + 60000000000u;
    while (opened < connections && !closed && now_ns() < patience) turn(now_ns() + 5000000);
    if (opened < connections) { printf("{\"failed\":\"%d of %d opened: %s\"}\n", opened, connections, first_error); return 1; }
    if (mode == WS || mode == SIO || mode == HTTP) for (int i = 0; i < connections; i++) send_more(&all[i]);
    turn(now_ns() + (uint64_t)(warmup * 1e9));
    uint64_t before = answered, acks_before = acks_seen, began = now_ns();
    measuring = 1;
    printf("START\n");
    fflush(stdout);
    turn(began + (uint64_t)(seconds * 1e9));
    uint64_t ended = now_ns(), after = answered, acks_after = acks_seen;
    printf("STOP\n");
    fflush(stdout);
    qsort(samples, sample_count, sizeof *samples, by_value);
    printf("{\"seconds\":%.4f,\"answered\":%llu,\"messages\":%llu,\"p50\":%.3f,\"p99\":%.3f,\"errors\":%llu,\"closed\":%d,\"error\":\"%s\"}\n",
           (double)(ended - began) / 1e9, (unsigned long long)(after - before), (unsigned long long)(acks_after - acks_before),
           quantile(0.5), quantile(0.99), (unsigned long long)errors, closed, first_error);
    return 0;
}
