#include "pricing.h"
#include <math.h>
#include <stddef.h>

/* The functions that take or return vectors are inlined, so how vectors are passed does not matter. */
#pragma clang diagnostic ignored "-Wpsabi"

/* Compiled once for processors with 256-bit vectors and once for all others; the loader picks, before a sanitizer of
   threads is ready to watch it. */
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))

enum { WIDTH = 4, VECTORS = PRICING_TILE / WIDTH };

typedef double lanes __attribute__((vector_size(32), aligned(8)));
typedef float narrow_lanes __attribute__((vector_size(16), aligned(4)));
typedef int64_t flags __attribute__((vector_size(32), aligned(8)));

/* The number of columns of each kind: a constant in each copy of the loops below. */
typedef struct {
  int features, dense, is_double;
} shape;

typedef struct {
  double best[PRICING_TILE];
  int64_t option[PRICING_TILE];
} tile_choice;

INLINE lanes load(const void *column, int64_t at, shape s) {
  if (s.is_double) return *(const lanes *)((const double *)column + at);
  return __builtin_convertvector(*(const narrow_lanes *)((const float *)column + at), lanes);
}

INLINE double value(const void *column, int64_t at, shape s) {
  return s.is_double ? ((const double *)column)[at] : ((const float *)column)[at];
}

INLINE lanes score(const pricing_columns *c, const double *weights, int64_t cell, int64_t position, shape s) {
  lanes sum = weights[0] - (lanes){0, 0, 0, 0};
  for (int f = 0; f < s.features; f++) sum += weights[1 + f] * load(c->features[f], position, s);
  for (int d = 0; d < s.dense; d++) sum += weights[1 + s.features + d] * load(c->dense[d], cell, s);
  return sum;
}

INLINE lanes blend(flags mask, lanes then, lanes otherwise) {
  return (lanes)(((flags)then & mask) | ((flags)otherwise & ~mask));
}

INLINE void choose(const pricing_columns *c, const pricing_range *r, int64_t tile, shape s, tile_choice *out) {
  const int stride = 1 + s.features + s.dense;
  lanes best[VECTORS], option[VECTORS];
  for (int v = 0; v < VECTORS; v++) {
    best[v] = INFINITY - (lanes){0, 0, 0, 0};
    option[v] = (lanes){0, 0, 0, 0};
  }
  for (int at = 0; at < r->listed_options; at++) {
    const int64_t j = r->options[at];
    const double *weights = r->weights + j * stride;
    const int64_t cell = (tile * c->option_count + j) * PRICING_TILE;
    const lanes index = (lanes)(j - (flags){0, 0, 0, 0});
    for (int v = 0; v < VECTORS; v++) {
      const lanes sum = score(c, weights, cell + v * WIDTH, tile * PRICING_TILE + v * WIDTH, s);
      const flags less = sum < best[v];
      best[v] = blend(less, sum, best[v]);
      option[v] = blend(less, index, option[v]);
    }
  }
  for (int v = 0; v < VECTORS; v++) {
    *(lanes *)(out->best + v * WIDTH) = best[v];
    *(flags *)(out->option + v * WIDTH) = (flags)option[v];
  }
}

INLINE int used_lanes(const pricing_range *r, int64_t tile) {
  const int64_t left = r->end_position - tile * PRICING_TILE;
  return left < PRICING_TILE ? (int)left : PRICING_TILE;
}

INLINE void pass(const pricing_columns *c, const pricing_range *r, double *sums, double *bound,
                 uint16_t *choice, shape s) {
  const int stride = 1 + s.features + s.dense;
  double high = bound[0], low = bound[1];
  for (int64_t at = 0; at < r->tile_count; at++) {
    const int64_t tile = r->first_tile + at * r->tile_stride;
    tile_choice chosen;
    choose(c, r, tile, s, &chosen);
    const int used = used_lanes(r, tile);
    double total = 0;
    for (int lane = 0; lane < used; lane++) {
      const int64_t position = tile * PRICING_TILE + lane, j = chosen.option[lane];
      const double count = c->counts == NULL ? 1 : c->counts[position];
      const int64_t cell = (tile * c->option_count + j) * PRICING_TILE + lane;
      double *sum = sums + j * stride;
      total += count * chosen.best[lane];
      sum[0] += count;
      for (int f = 0; f < s.features; f++) sum[1 + f] += count * value(c->features[f], position, s);
      for (int d = 0; d < s.dense; d++) sum[1 + s.features + d] += count * value(c->dense[d], cell, s);
    }
    if (choice != NULL)
      for (int lane = 0; lane < PRICING_TILE; lane++)
        choice[tile * PRICING_TILE + lane] = (uint16_t)chosen.option[lane];
    /* A. Neumaier's compensated summation, over tiles. */
    const double next = high + total;
    low += fabs(high) >= fabs(total) ? (high - next) + total : (total - next) + high;
    high = next;
  }
  bound[0] = high;
  bound[1] = low;
}

/* The score of one pair under any weights. */
INLINE double score_of(const pricing_columns *c, const double *weights, int64_t position, int64_t j, shape s) {
  const int64_t tile = position / PRICING_TILE;
  const int64_t cell = (tile * c->option_count + j) * PRICING_TILE + position % PRICING_TILE;
  weights += j * (1 + s.features + s.dense);
  double sum = weights[0];
  for (int f = 0; f < s.features; f++) sum += weights[1 + f] * value(c->features[f], position, s);
  for (int d = 0; d < s.dense; d++) sum += weights[1 + s.features + d] * value(c->dense[d], cell, s);
  return sum;
}

INLINE int64_t near_pairs(const pricing_columns *c, const pricing_range *r, const pricing_search *search,
                          pricing_pair *pairs, int64_t capacity, shape s) {
  const double least = search->least, distance = search->distance;
  const int stride = 1 + s.features + s.dense;
  int64_t count = 0;
  for (int64_t at = 0; at < r->tile_count; at++) {
    const int64_t tile = r->first_tile + at * r->tile_stride;
    tile_choice chosen;
    choose(c, r, tile, s, &chosen);
    double start[PRICING_MOST_DIRECTIONS][PRICING_TILE];
    for (int t = 0; t < r->direction_count; t++)
      for (int lane = 0; lane < PRICING_TILE; lane++)
        start[t][lane] = score_of(c, r->directions + t * r->direction_stride, tile * PRICING_TILE + lane,
                                  chosen.option[lane], s);
    flags any[VECTORS] = {{0, 0, 0, 0}};
    for (int listed = 0; listed < r->listed_options; listed++) {
      const int64_t j = r->options[listed];
      const int64_t cell = (tile * c->option_count + j) * PRICING_TILE;
      const flags index = j - (flags){0, 0, 0, 0};
      for (int v = 0; v < VECTORS; v++) {
        const int64_t first = tile * PRICING_TILE + v * WIDTH;
        lanes limit = least - (lanes){0, 0, 0, 0};
        for (int t = 0; t < r->direction_count; t++) {
          const double *weights = r->directions + t * r->direction_stride + j * stride;
          const lanes move = score(c, weights, cell + v * WIDTH, first, s) - *(lanes *)(start[t] + v * WIDTH);
          limit += distance * (lanes)((flags)move & INT64_MAX);
        }
        const lanes gap =
            score(c, r->weights + j * stride, cell + v * WIDTH, first, s) - *(lanes *)(chosen.best + v * WIDTH);
        any[v] |= (gap <= limit) & (*(flags *)(chosen.option + v * WIDTH) != index);
      }
    }
    /* Few positions have such pairs; they are told one by one. */
    const int used = used_lanes(r, tile);
    for (int lane = 0; lane < used; lane++) {
      if (any[lane / WIDTH][lane % WIDTH] == 0) continue;
      const int64_t position = tile * PRICING_TILE + lane;
      int tied = 0;
      for (int listed = 0; listed < r->listed_options; listed++) {
        const int64_t j = r->options[listed];
        if (j == chosen.option[lane]) continue;
        const double gap = score_of(c, r->weights, position, j, s) - chosen.best[lane];
        double move = 0;
        for (int t = 0; t < r->direction_count; t++)
          move += fabs(score_of(c, r->directions + t * r->direction_stride, position, j, s) - start[t][lane]);
        if (!(gap <= least + distance * move)) continue;
        if (gap <= least + search->tied_distance * move && ++tied > search->most_tied) continue;
        if (count < capacity)
          pairs[count] = (pricing_pair){(int32_t)position, (int32_t)j, (float)gap, (float)move};
        count++;
      }
    }
  }
  return count;
}

/* The common shapes get loops of their own; all others share one whose counts are variables. */
#define WITH_SHAPE(c, CALL)                                                                   \
  const int few = c->feature_count < 10 && c->dense_count < 10;                               \
  switch (few ? (c->is_double != 0) * 100 + c->feature_count * 10 + c->dense_count : 0) {     \
    case 1: CALL(((shape){0, 1, 0})); break;                                                  \
    case 2: CALL(((shape){0, 2, 0})); break;                                                  \
    case 3: CALL(((shape){0, 3, 0})); break;                                                  \
    case 21: CALL(((shape){2, 1, 0})); break;                                                 \
    case 22: CALL(((shape){2, 2, 0})); break;                                                 \
    case 101: CALL(((shape){0, 1, 1})); break;                                                \
    case 102: CALL(((shape){0, 2, 1})); break;                                                \
    case 103: CALL(((shape){0, 3, 1})); break;                                                \
    default: CALL(((shape){c->feature_count, c->dense_count, c->is_double})); break;          \
  }

FOR_EACH_PROCESSOR
void pricing_pass(const pricing_columns *columns, const pricing_range *range, double *sums, double *bound,
                  uint16_t *choice) {
#define CALL(s) pass(columns, range, sums, bound, choice, s)
  WITH_SHAPE(columns, CALL)
#undef CALL
}

FOR_EACH_PROCESSOR
int64_t pricing_near(const pricing_columns *columns, const pricing_range *range,
                     const pricing_search *search, pricing_pair *pairs, int64_t capacity) {
  int64_t count = 0;
#define CALL(s) count = near_pairs(columns, range, search, pairs, capacity, s)
  WITH_SHAPE(columns, CALL)
#undef CALL
  return count;
}
